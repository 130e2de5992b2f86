package retail1;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** {"processed":..,"cpu_s":..,"rss_mib":..} on standard output; rss_mib is the largest so far. */
final class Progress {
  private static final OperatingSystemMXBean SYSTEM = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final AtomicLong processed;

  Progress(AtomicLong processed) {
    this.processed = processed;
  }

  void print() {
    System.out.printf(Locale.ROOT, "{\"processed\":%d,\"cpu_s\":%.3f,\"rss_mib\":%d}%n",
        processed.get(), SYSTEM.getProcessCpuTime() / 1e9, rssMib());
    System.out.flush();
  }

  private static long rssMib() {
    try (var lines = Files.lines(Path.of("/proc/self/status"))) {
      String line = lines.filter(each -> each.startsWith("VmHWM:")).findFirst().orElse("0");
      return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
    } catch (IOException e) {
      return 0;
    }
  }
}
