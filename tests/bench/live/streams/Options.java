package retail1;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** `--name value` pairs; every name has a default, `--set` may be repeated. */
final class Options {
  private final Map<String, String> values = new HashMap<>();
  private final List<String> settings = new ArrayList<>();

  Options(Map<String, String> defaults, List<String> arguments) {
    values.putAll(defaults);
    for (int i = 0; i < arguments.size(); i += 2) {
      String name = arguments.get(i).replaceFirst("^--", "");
      if (i + 1 == arguments.size()) throw new IllegalArgumentException("--" + name + " needs a value");
      if (name.equals("set")) {
        settings.add(arguments.get(i + 1));
      } else if (values.put(name, arguments.get(i + 1)) == null) {
        throw new IllegalArgumentException("unknown option --" + name);
      }
    }
    values.forEach((name, value) -> {
      if (value.isEmpty()) throw new IllegalArgumentException("--" + name + " is missing");
    });
  }

  String text(String name) {
    return values.get(name);
  }

  long number(String name) {
    return Long.parseLong(values.get(name));
  }

  /** KEY=VALUE as given by --set. */
  List<String> settings() {
    return settings;
  }
}
