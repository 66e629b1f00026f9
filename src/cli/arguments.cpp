#include "cli/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <system_error>

#include "base/error.h"
#include "base/shell.h"
#include "base/suggest.h"

namespace unroll {
namespace {

namespace po = boost::program_options;

constexpr const char* kPositional = "positional arguments";  // no option can have this name

// Everything but guessing: "--job" must not mean "--jobs".
constexpr int kStyle = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;

std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates) {
  const std::string near = nearest_name(name, candidates);
  return near.empty() ? std::string() : fmt::format("did you mean '{}'?", near);
}

// Index of the command word: the first word that is neither an option nor the value of a global one.
std::size_t find_command_word(const std::vector<std::string>& words, std::span<const Option> globals) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--") break;
    if (words[i].size() < 2 || words[i][0] != '-') return i;
    for (const Option& option : globals) {
      if (!option.argument.empty() && words[i] == fmt::format("--{}", option.name)) ++i;
    }
  }
  return words.size();
}

void add_options(po::options_description& description, std::span<const Option> options) {
  for (const Option& option : options) {
    std::string names(option.name);
    if (option.letter != 0) names += fmt::format(",{}", option.letter);
    if (option.argument.empty()) {
      description.add_options()(names.c_str(), "");
    } else {
      description.add_options()(names.c_str(), po::value<std::vector<std::string>>(), "");
    }
  }
}

std::vector<std::string> long_names(std::span<const Option> own, std::span<const Option> globals) {
  std::vector<std::string> names;
  for (const Option& option : own) names.push_back(fmt::format("--{}", option.name));
  for (const Option& option : globals) names.push_back(fmt::format("--{}", option.name));
  return names;
}

UsageError wrong_count(const Command& command, const std::vector<std::string>& given) {
  const std::string usage =
      command.arguments.empty()
          ? fmt::format("usage: unroll {} [options]", command.name)
          : fmt::format("usage: unroll {} {} [options]", command.name, command.arguments);
  if (given.size() < command.min_arguments) {
    return {"", fmt::format("'unroll {}' needs {}", command.name, command.arguments), usage};
  }
  return {"", fmt::format("'unroll {}' does not take '{}'", command.name, given[command.max_arguments]),
          usage};
}

template <typename T>
std::optional<T> parse_number(const std::string& text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::string> Arguments::text(std::string_view option) const {
  const auto found = values_.find(std::string(option));
  if (found == values_.end() || found->second.empty()) return std::nullopt;
  if (found->second.back().empty()) throw UsageError(fmt::format("--{}", option), "has an empty value");
  return found->second.back();
}

std::optional<std::size_t> Arguments::count(std::string_view option) const {
  const auto given = text(option);
  if (!given) return std::nullopt;
  const auto value = parse_number<std::size_t>(*given);
  if (!value || *value == 0) {
    throw UsageError(fmt::format("--{}", option),
                     fmt::format("expected a whole number above 0, got '{}'", *given));
  }
  return value;
}

std::optional<double> Arguments::share(std::string_view option) const {
  const auto given = text(option);
  if (!given) return std::nullopt;
  const auto value = parse_number<double>(*given);
  if (!value || !(*value > 0.0 && *value < 1.0)) {
    throw UsageError(fmt::format("--{}", option),
                     fmt::format("expected a number between 0 and 1, got '{}'", *given));
  }
  return value;
}

std::vector<std::string> Arguments::all(std::string_view option) const {
  const auto found = values_.find(std::string(option));
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

std::vector<Arguments::Given> Arguments::in_order(std::string_view option) const {
  std::vector<Given> out;
  for (const auto& [name, value] : given_) {
    if (name == option || name == kPositional) out.push_back({name == kPositional, value});
  }
  return out;
}

std::string Arguments::retyped(const std::vector<std::string>& without) const {
  std::string out = shell_word(program_);
  for (const std::string& word : words_) {
    if (std::find(without.begin(), without.end(), word) == without.end()) out += " " + shell_word(word);
  }
  return out;
}

const Command& find_command(std::string_view name, std::span<const Command> commands) {
  std::vector<std::string> names;
  for (const Command& command : commands) {
    if (command.name == name) return command;
    names.emplace_back(command.name);
  }
  std::string hint = did_you_mean(name, names);
  if (hint.empty() && std::filesystem::path(name).extension() == ".yaml") {
    hint = fmt::format("to run this experiment: unroll run {}", name);
  }
  if (hint.empty()) hint = "'unroll help' lists the commands";
  throw UsageError("", fmt::format("unknown command '{}'", name), hint);
}

CommandLine parse_command_line(const std::vector<std::string>& words, std::span<const Command> commands,
                               std::span<const Option> globals) {
  UNROLL_CHECK(!words.empty(), "the program's own name is the first word");
  CommandLine line;
  std::vector<std::string> rest(words.begin() + 1, words.end());
  line.arguments.program_ = words.front();
  line.arguments.words_ = rest;
  const std::size_t word = find_command_word(rest, globals);
  if (word < rest.size()) {
    line.command = &find_command(rest[word], commands);
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(word));
  }
  const std::span<const Option> own =
      line.command != nullptr ? line.command->options : std::span<const Option>();

  po::options_description description;
  add_options(description, globals);
  add_options(description, own);
  po::positional_options_description positional;
  positional.add(kPositional, -1);
  description.add_options()(kPositional, po::value<std::vector<std::string>>(), "");
  try {
    const po::parsed_options parsed =
        po::command_line_parser(rest).options(description).positional(positional).style(kStyle).run();
    for (const po::option& option : parsed.options) {
      for (const std::string& value : option.value)
        line.arguments.given_.emplace_back(option.string_key, value);
      if (option.string_key == kPositional) {
        line.arguments.positional_.insert(line.arguments.positional_.end(), option.value.begin(),
                                          option.value.end());
        continue;
      }
      std::vector<std::string>& values = line.arguments.values_[option.string_key];
      values.insert(values.end(), option.value.begin(), option.value.end());
    }
  } catch (const po::unknown_option& e) {
    const std::string name = e.get_option_name();
    throw UsageError("", fmt::format("unknown option '{}'", name),
                     did_you_mean(name, long_names(own, globals)));
  } catch (const po::error& e) {
    throw UsageError("", e.what());
  }
  for (const Option& option : own) {
    if (!option.repeats && line.arguments.all(option.name).size() > 1) {
      throw UsageError(fmt::format("--{}", option.name), "given more than once");
    }
  }
  line.version = line.arguments.has("version");
  line.help = line.arguments.has("help") || (line.command == nullptr && !line.version);
  if (line.command == nullptr && !line.arguments.positional_.empty()) {
    find_command(line.arguments.positional_.front(), commands);
  }
  if (line.command != nullptr && !line.help && !line.version) {
    const std::vector<std::string>& given = line.arguments.positional_;
    if (given.size() < line.command->min_arguments || given.size() > line.command->max_arguments) {
      throw wrong_count(*line.command, given);
    }
  }
  return line;
}

}  // namespace unroll
