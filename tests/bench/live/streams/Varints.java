package retail1;

import java.util.Arrays;

/** Numbers >= 0, seven bits a byte, lowest first. Reused for one value after another. */
final class Varints {
  private byte[] bytes = new byte[4096];
  private int at;

  void startReading(byte[] from) {
    bytes = from;
    at = 0;
  }

  long get() {
    byte next = bytes[at++];
    if (next >= 0) return next;
    long value = next & 0x7F;
    for (int shift = 7; ; shift += 7) {
      next = bytes[at++];
      value |= (long) (next & 0x7F) << shift;
      if (next >= 0) return value;
    }
  }

  void startWriting() {
    at = 0;
  }

  void put(long value) {
    if (at + 10 > bytes.length) bytes = Arrays.copyOf(bytes, bytes.length * 2);
    while ((value & ~0x7FL) != 0) {
      bytes[at++] = (byte) (value | 0x80);
      value >>>= 7;
    }
    bytes[at++] = (byte) value;
  }

  byte[] written() {
    return Arrays.copyOf(bytes, at);
  }
}
