#include "sweep/schema.h"

#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "sweep/distribution.h"
#include "sweep/keys.h"

namespace unroll {
namespace {

using Json = nlohmann::ordered_json;

Json number_json(double x) {
  return x == std::floor(x) && std::abs(x) <= 1e15 ? Json(static_cast<std::int64_t>(x)) : Json(x);
}

Json range_json(Json schema, const Range& range) {
  schema[range.open_min ? "exclusiveMinimum" : "minimum"] = number_json(range.min);
  schema[range.open_max ? "exclusiveMaximum" : "maximum"] = number_json(range.max);
  return schema;
}

// Text may be written without quotes where it looks like a number or a truth value.
const Json kAnyText = {{"type", {"string", "number", "boolean"}}};

Json value_schema(const KeyInfo& key) {
  switch (key.type) {
    case KeyType::kBool:
      return {{"type", "boolean"}};
    case KeyType::kInteger:
      return range_json({{"type", "integer"}}, key.range);
    case KeyType::kNumber:
      return range_json({{"type", "number"}}, key.range);
    case KeyType::kWord:
      return {{"enum", key.choices()}};
    case KeyType::kText:
    case KeyType::kFile:
      return kAnyText;
    case KeyType::kName:
      return {{"type", {"string", "number", "boolean"}},
              {"pattern", "^[A-Za-z0-9][A-Za-z0-9._-]*$"},
              {"maxLength", kMaxNameLength}};
    case KeyType::kTexts:
      return {{"type", "array"},
              {"items", key.choices == nullptr ? kAnyText : Json{{"enum", key.choices()}}},
              {"minItems", 1},
              {"uniqueItems", true}};
    case KeyType::kBlock:
      break;
  }
  return Json::object();
}

Json reference(const std::string& definition) {
  return {{"$ref", "#/definitions/" + definition}};
}

Json reference(const KeyInfo& key) {
  return reference(std::string(key.key));
}

Json object(Json properties) {
  return {{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
}

Json values_schema(const KeyInfo& key) {
  return {{"type", "array"}, {"items", reference(key)}, {"minItems", 1}, {"uniqueItems", true}};
}

Json axis_schema(const KeyInfo& key) {
  Json forms = Json::array(
      {values_schema(key), object({{"values", values_schema(key)}}), object({{"value", reference(key)}})});
  forms[1]["required"] = {"values"};
  forms[2]["required"] = {"value"};
  if (key.type == KeyType::kInteger || key.type == KeyType::kNumber) {
    Json names = Json::array();
    for (const DistributionInfo& d : distributions()) names.push_back(d.name);
    Json range = object({{"min", reference(key)},
                         {"max", reference(key)},
                         {"num", {{"type", "integer"}, {"minimum", 2}, {"maximum", 1000000}}},
                         {"distribution", {{"enum", names}}},
                         {"q", {{"type", "number"}, {"exclusiveMinimum", 0}}}});
    range["required"] = {"min", "max"};
    forms.push_back(std::move(range));
  }
  return {{"anyOf", std::move(forms)}, {"description", key.help}};
}

Json nullable(Json schema) {
  schema["type"] = Json::array({schema["type"], "null"});
  return schema;
}

// Puts a schema at the end of a path, in each way of writing it nested or dotted.
void insert(Json& properties, std::string_view path, const Json& schema) {
  properties[std::string(path)] = schema;
  for (std::size_t dot = path.find('.'); dot != path.npos; dot = path.find('.', dot + 1)) {
    const std::string first(path.substr(0, dot));
    if (!properties.contains(first)) properties[first] = nullable(object(Json::object()));
    insert(properties[first]["properties"], path.substr(dot + 1), schema);
  }
}

// A block of settings, each with the schema that `make` gives it.
Json settings_block(const std::function<Json(const KeyInfo&)>& make) {
  Json properties = Json::object();
  for (const KeyInfo& key : keys()) {
    if (key.is_setting()) insert(properties, key.key, make(key));
  }
  return object(std::move(properties));
}

constexpr const char* kZip = "zip";  // the definition of one

Json zip_schema() {
  return settings_block([](const KeyInfo& key) {
    return Json{{"type", "array"}, {"items", reference(key)}, {"minItems", 1}};
  });
}

std::string pattern_of(std::string_view name) {
  std::string pattern;
  for (const char c : name) pattern += c == '.' ? std::string("\\.") : std::string(1, c);
  return pattern;
}

// Zips of any name in a block, and below it with a dot; `prefix`: what else comes before the name.
void insert_zips(Json& block, std::string_view prefix, const Json& definitions) {
  const std::string start = "^" + pattern_of(prefix) + "[^.]+";
  block["patternProperties"][start + "$"] = reference(kZip);
  for (const auto& [name, ignored] : definitions[kZip]["properties"].items()) {
    block["patternProperties"][start + pattern_of("." + name) + "$"] =
        reference(kZip + ("/properties/" + name));
  }
}

// What the block sweep.parameters holds, written outside of it with `prefix` and a dot.
void insert_parameters(Json& block, const std::string& prefix, const Json& definitions) {
  for (const auto& [name, ignored] : definitions["sweep.parameters"]["properties"].items()) {
    block["properties"][prefix + name] = reference("sweep.parameters/properties/" + name);
  }
}

Json entries_schema() {
  Json entry = settings_block([](const KeyInfo& key) { return reference(key); });
  entry["minProperties"] = 1;
  return {{"type", {"array", "null"}}, {"items", std::move(entry)}};
}

Json block_schema(const KeyInfo& key, const Json& definitions) {
  if (key.key == "sweep.seeds") {
    const Json count = {{"type", "integer"}, {"minimum", 1}, {"maximum", 1000000}};
    const Json replicate = {{"type", "integer"}, {"minimum", 0}, {"maximum", 4294967295}};
    const Json list = {{"type", "array"}, {"items", replicate}, {"minItems", 1}, {"uniqueItems", true}};
    return {{"anyOf", {count, list}}};
  }
  if (key.key == "sweep.parameters") return nullable(settings_block(axis_schema));
  if (key.key == "sweep.zip") {
    Json zips = {{"type", {"object", "null"}}, {"additionalProperties", false}};
    insert_zips(zips, "", definitions);
    return zips;
  }
  return entries_schema();
}

}  // namespace

std::string json_schema() {
  Json definitions = {{kZip, zip_schema()}};
  Json properties = Json::object();
  for (const KeyInfo& key : keys()) {
    Json schema = key.type == KeyType::kBlock ? block_schema(key, definitions) : value_schema(key);
    schema["description"] = key.help;
    definitions[std::string(key.key)] = std::move(schema);
    insert(properties, key.key, reference(key));
  }
  Json schema = object(std::move(properties));
  schema["minProperties"] = 1;
  insert_parameters(schema, "sweep.parameters.", definitions);
  insert_zips(schema, "sweep.zip.", definitions);
  Json& sweep = schema["properties"]["sweep"];
  insert_parameters(sweep, "parameters.", definitions);
  insert_zips(sweep, "zip.", definitions);
  Json text = {{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "unroll experiment"}};
  text.update(schema);
  text["definitions"] = std::move(definitions);
  return text.dump(2) + "\n";
}

}  // namespace unroll
