#include "sweep/schema.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sweep/keys.h"

namespace unroll {
namespace {

using Json = nlohmann::json;

// Follows a path through the nested blocks of a schema.
const Json* find(const Json& schema, std::string_view path) {
  const Json& properties = schema.at("properties");
  if (properties.contains(std::string(path))) return &properties.at(std::string(path));
  const std::size_t dot = path.find('.');
  if (dot == path.npos || !properties.contains(std::string(path.substr(0, dot)))) return nullptr;
  return find(properties.at(std::string(path.substr(0, dot))), path.substr(dot + 1));
}

TEST(Schema, IsDraft7AndClosed) {
  const Json schema = Json::parse(json_schema());
  EXPECT_EQ(schema.at("$schema"), "http://json-schema.org/draft-07/schema#");
  EXPECT_EQ(schema.at("additionalProperties"), false);
}

TEST(Schema, HasEveryKeyNestedAndDotted) {
  const Json schema = Json::parse(json_schema());
  for (const KeyInfo& key : keys()) {
    const std::string name(key.key);
    const Json& definition = schema.at("definitions").at(name);
    EXPECT_EQ(definition.at("description"), std::string(key.help));
    EXPECT_TRUE(schema.at("properties").contains(name));
    if (name.find('.') == std::string::npos) continue;
    const Json& section = schema.at("properties").at(std::string(key.section()));
    EXPECT_NE(find(section, name.substr(key.section().size() + 1)), nullptr) << name;
  }
}

TEST(Schema, SaysWhatTheTableSays) {
  const Json definitions = Json::parse(json_schema()).at("definitions");
  EXPECT_EQ(definitions.at("model.cell").at("enum"), Json(find_key("model.cell")->choices()));
  EXPECT_EQ(definitions.at("train.lr").at("exclusiveMinimum"), 0);
  EXPECT_EQ(definitions.at("model.hidden").at("type"), "integer");
  EXPECT_EQ(definitions.at("model.hidden").at("minimum"), 1);
  EXPECT_EQ(definitions.at("train.momentum").at("exclusiveMaximum"), 1);
  EXPECT_EQ(definitions.at("train.nesterov").at("type"), "boolean");
}

TEST(Schema, SweptKeysMayBeDottedFromTheTop) {
  const Json schema = Json::parse(json_schema());
  const Json& sweep = schema.at("properties").at("sweep");
  EXPECT_TRUE(schema.at("properties").contains("sweep.parameters.model.cell"));
  EXPECT_TRUE(sweep.at("properties").contains("parameters.model"));
  EXPECT_TRUE(schema.at("patternProperties").contains("^sweep\\.zip\\.[^.]+\\.train\\.lr$"));
  EXPECT_TRUE(sweep.at("patternProperties").contains("^zip\\.[^.]+$"));
}

TEST(Schema, OnlySettingsCanBeSwept) {
  const Json schema = Json::parse(json_schema());
  const Json& parameters = schema.at("definitions").at("sweep.parameters");
  for (const KeyInfo& key : keys()) {
    EXPECT_EQ(parameters.at("properties").contains(std::string(key.key)), key.is_setting()) << key.key;
  }
}

}  // namespace
}  // namespace unroll
