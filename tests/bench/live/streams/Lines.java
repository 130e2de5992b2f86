package retail1;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Lines of a log as bytes, without their line feed. */
final class Lines implements AutoCloseable {
  private final InputStream in;
  private byte[] buffer = new byte[1 << 20];
  private int begin;
  private int end;

  Lines(InputStream in) {
    this.in = in;
  }

  /** null: no more. */
  byte[] next() throws IOException {
    for (int at = begin; ; ++at) {
      if (at == end) {
        at -= begin;
        if (!fill()) return begin == end ? null : take(end);
      }
      if (buffer[at] == '\n') return take(at);
    }
  }

  private byte[] take(int to) {
    byte[] line = Arrays.copyOfRange(buffer, begin, to);
    begin = Math.min(to + 1, end);
    return line;
  }

  /** Moves what is left to the front and reads on behind it. */
  private boolean fill() throws IOException {
    System.arraycopy(buffer, begin, buffer, 0, end - begin);
    end -= begin;
    begin = 0;
    if (end == buffer.length) buffer = Arrays.copyOf(buffer, 2 * end);
    int count = in.read(buffer, end, buffer.length - end);
    end += Math.max(count, 0);
    return count > 0;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  static byte[] customerOf(String line) {
    int begin = line.indexOf("\"customer\":\"") + 12;
    return line.substring(begin, line.indexOf('"', begin)).getBytes(StandardCharsets.UTF_8);
  }

  static long timeOf(String line) {
    int begin = line.indexOf("\"time\":") + 7;
    return Long.parseLong(line.substring(begin, line.indexOf(',', begin)));
  }
}
