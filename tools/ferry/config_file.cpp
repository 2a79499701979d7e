#include "tools/ferry/config_file.h"

#include <algorithm>
#include <set>

#include "host/failure.h"
#include "host/files.h"

namespace ferry::tool {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  const std::size_t end = text.find_last_not_of(" \t\r");
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin, end - begin + 1);
}

struct Setting {
  std::string name;
  std::string value;
};

Setting parse_line(std::string_view line) {
  const std::size_t equals = line.find('=');
  const Setting setting{.name = std::string(trimmed(line.substr(0, equals))),
                        .value = std::string(equals == std::string_view::npos ? "" : trimmed(line.substr(equals + 1)))};
  if (setting.name.empty() || setting.value.empty()) {
    throw host::Failure("a line has the form \"name = value\"");
  }
  return setting;
}

void apply(CLI::App& command, const Setting& setting) {
  CLI::Option* option = command.get_option_no_throw("--" + setting.name);
  if (option == nullptr || setting.name == "config" || setting.name == "help") {
    throw host::Failure("there is no option \"{}\"", setting.name);
  }
  if (option->count() > 0) {
    return;  // by the command line
  }
  try {
    option->add_result(setting.value);
    option->run_callback();
  } catch (const CLI::Error& error) {
    throw host::Failure("{}: {}", setting.name, error.what());
  }
}

// As CLI11 does for the command line.
void check_together(const CLI::App& command) {
  const auto all = command.get_options([](const CLI::Option* option) { return option->count() > 0; });
  for (const CLI::Option* option : all) {
    for (const CLI::Option* other : option->get_excludes()) {
      if (other->count() > 0) {
        throw host::Failure("{} excludes {}", option->get_name(), other->get_name());
      }
    }
    for (const CLI::Option* other : option->get_needs()) {
      if (other->count() == 0) {
        throw host::Failure("{} needs {}", option->get_name(), other->get_name());
      }
    }
  }
}

}  // namespace

void apply_config_file(CLI::App& command, const std::filesystem::path& file) {
  const std::string text = host::read_text_file(file);
  std::set<std::string> names;
  std::string_view rest = text;
  for (int number = 1; !rest.empty(); ++number) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::string_view content = trimmed(line);
    if (content.empty() || content.front() == '#') {
      continue;
    }
    try {
      const Setting setting = parse_line(content);
      if (!names.insert(setting.name).second) {
        throw host::Failure("\"{}\" is there twice", setting.name);
      }
      apply(command, setting);
    } catch (const host::Failure& failure) {
      throw host::Failure("{}, line {}: {}", file.string(), number, failure.what());
    }
  }
  try {
    check_together(command);
  } catch (const host::Failure& failure) {
    throw host::Failure("{}: {}", file.string(), failure.what());
  }
}

}  // namespace ferry::tool
