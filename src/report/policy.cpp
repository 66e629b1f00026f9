#include "report/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/suggest.h"
#include "report/grid.h"
#include "sweep/read_value.h"
#include "sweep/yaml.h"

namespace unroll {

namespace {

constexpr std::array<std::string_view, 3> kRuleNames = {"exact", "tolerance", "statistical"};
const std::vector<std::string> kRuleKeys = {"rule", "abs", "rel", "level", "direction", "required", "by"};

std::string did_you_mean(const std::string& name, const std::vector<std::string>& known) {
  const std::string nearest = nearest_name(name, known);
  return nearest.empty() ? fmt::format("known: {}", fmt::join(known, ", "))
                         : fmt::format("did you mean '{}'?", nearest);
}

class PolicyReader {
 public:
  explicit PolicyReader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  Policy read(const YamlNode& root) {
    Policy policy;
    const YamlNode* metrics = nullptr;
    for (std::size_t i = 0; i < root.keys.size(); ++i) {
      if (root.keys[i].text == "metrics") {
        metrics = &root.items[i];
      } else {
        unknown(root.keys[i], {"metrics"}, "key");
      }
    }
    if (metrics == nullptr || !metrics->is_map() || metrics->keys.empty()) {
      diagnostics_.error(metrics == nullptr ? root.mark : metrics->mark, "a policy needs a block 'metrics'",
                         "as in:  metrics: {valid_loss: statistical}");
      return policy;
    }
    for (std::size_t i = 0; i < metrics->keys.size(); ++i) rule(metrics->keys[i], metrics->items[i], policy);
    return policy;
  }

 private:
  void unknown(const YamlKey& key, const std::vector<std::string>& known, const char* what) {
    diagnostics_.error(key.mark, fmt::format("unknown {} '{}'", what, key.text),
                       did_you_mean(key.text, known));
  }

  void rule(const YamlKey& key, const YamlNode& node, Policy& policy) {
    PolicyRule rule;
    rule.metric = find_metric(key.text);
    if (rule.metric == nullptr) {
      std::vector<std::string> known;
      for (const MetricInfo& info : metrics()) known.emplace_back(info.name);
      unknown(key, known, "metric");
    }
    if (node.is_scalar()) {
      kind(node, rule);
    } else if (node.is_map()) {
      const auto named =
          std::find_if(node.keys.begin(), node.keys.end(), [](const YamlKey& k) { return k.text == "rule"; });
      if (named == node.keys.end()) {
        diagnostics_.error(node.mark, fmt::format("'{}' has no rule", key.text),
                           fmt::format("add rule: {}", fmt::join(kRuleNames, " | ")));
        return;
      }
      if (!kind(node.items[static_cast<std::size_t>(named - node.keys.begin())], rule)) return;
      for (std::size_t i = 0; i < node.keys.size(); ++i) field(node.keys[i], node.items[i], rule);
    } else {
      diagnostics_.error(node.mark, fmt::format("'{}' needs a rule", key.text),
                         fmt::format("one of {}", fmt::join(kRuleNames, ", ")));
      return;
    }
    if (rule.metric != nullptr) fits(key, rule, policy);
  }

  void fits(const YamlKey& key, const PolicyRule& rule, Policy& policy) {
    if (rule.kind == RuleKind::kExact && rule.metric->group == Group::kMeasured) {
      diagnostics_.error(key.mark, fmt::format("'{}' differs between equal runs", key.text),
                         "choose tolerance or statistical");
    } else if (rule.kind == RuleKind::kStatistical && !one_value_per_run(*rule.metric)) {
      diagnostics_.error(key.mark, fmt::format("'{}' has more than one value per run", key.text),
                         "choose exact or tolerance, which compare every number");
    } else {
      policy.rules.push_back(rule);
    }
  }

  bool kind(const YamlNode& node, PolicyRule& rule) {
    const auto found = std::find(kRuleNames.begin(), kRuleNames.end(), node.text);
    if (!node.is_scalar() || found == kRuleNames.end()) {
      diagnostics_.error(node.mark, fmt::format("a rule may not be {}", describe(node)),
                         did_you_mean(node.text, {kRuleNames.begin(), kRuleNames.end()}));
      return false;
    }
    rule.kind = static_cast<RuleKind>(found - kRuleNames.begin());
    return true;
  }

  void field(const YamlKey& key, const YamlNode& node, PolicyRule& rule) {
    if (std::find(kRuleKeys.begin(), kRuleKeys.end(), key.text) == kRuleKeys.end())
      return unknown(key, kRuleKeys, "key");
    const bool of_statistical = key.text == "level" || key.text == "by";
    const bool of_numbers = key.text == "abs" || key.text == "rel";
    if ((of_statistical && rule.kind != RuleKind::kStatistical) ||
        ((of_numbers || key.text == "direction") && rule.kind == RuleKind::kExact)) {
      diagnostics_.error(key.mark, fmt::format("'{}' is not used by the rule {}", key.text,
                                               kRuleNames[static_cast<std::size_t>(rule.kind)]));
    } else if (of_numbers || key.text == "level") {
      number(key, node, rule);
    } else if (key.text == "direction") {
      if (choice(key, node, "worse", "both")) rule.both = node.text == "both";
    } else if (key.text == "required") {
      if (choice(key, node, "true", "false")) rule.required = node.text == "true";
    } else if (key.text == "by") {
      by(node, rule);
    }
  }

  void number(const YamlKey& key, const YamlNode& node, PolicyRule& rule) {
    const std::optional<double> value = read_number(diagnostics_, key.text, node);
    if (!value) return;
    const bool level = key.text == "level";
    if (level ? *value <= 0.0 || *value >= 0.5 : *value < 0.0) {
      diagnostics_.error(node.mark,
                         level ? "level must be between 0 and 0.5" : key.text + " may not be negative");
      return;
    }
    (level ? rule.level : key.text == "abs" ? rule.abs : rule.rel) = *value;
  }

  bool choice(const YamlKey& key, const YamlNode& node, const char* a, const char* b) {
    if (node.is_scalar() && (node.text == a || node.text == b)) return true;
    diagnostics_.error(node.mark, fmt::format("{} must be {} or {}, not {}", key.text, a, b, describe(node)));
    return false;
  }

  void by(const YamlNode& node, PolicyRule& rule) {
    std::vector<std::string> names;
    bool good = node.is_list();
    for (const YamlNode& item : node.items) {
      good = good && item.is_scalar();
      names.push_back(item.text);
    }
    if (good) {
      rule.by = names;
    } else {
      diagnostics_.error(node.mark, "by must be a list of settings",
                         "as in by: [cell, seq_len]; by: [] judges all runs together");
    }
  }

  Diagnostics& diagnostics_;
};

}  // namespace

std::string_view rule_name(RuleKind kind) {
  return kRuleNames[static_cast<std::size_t>(kind)];
}

Policy read_policy(const std::string& name, const std::string& text) {
  Diagnostics diagnostics;
  const std::uint32_t source = diagnostics.add_file(name, text);
  Policy policy;
  if (const std::optional<YamlNode> root = parse_yaml(diagnostics, source); root) {
    policy = PolicyReader(diagnostics).read(*root);
  }
  diagnostics.throw_if_any();
  return policy;
}

Policy default_policy(const Manifest& manifest) {
  PolicyRule judged;
  judged.metric = find_metric(manifest.metric);
  judged.kind = RuleKind::kStatistical;
  PolicyRule params;
  params.metric = &metric_info(Metric::kParams);
  PolicyRule flops;
  flops.metric = &metric_info(Metric::kFlops);
  Policy policy{{params, flops}};
  if (judged.metric != nullptr) policy.rules.insert(policy.rules.begin(), judged);
  return policy;
}

}  // namespace unroll
