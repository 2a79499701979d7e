#include <cmath>
#include <nlohmann/json.hpp>

#include "servers/hub/senml.h"

namespace ferry::hub {
namespace {

using Json = nlohmann::json;

// Nothing in a pack is nested deeper than a value in a record in the pack; somebody else's value may have an inside.
constexpr int kPack = 1;
constexpr int kRecord = 2;
constexpr int kDeepest = 4;

// What a label stands before.
struct Value {
  enum class Kind : std::uint8_t { kOther, kNumber, kBoolean, kText };
  Kind kind = Kind::kOther;
  double number = 0;
  bool is_whole = false;  // and not negative
  std::string* text = nullptr;
};

bool take_text(const Value& value, std::size_t limit, std::optional<std::string>& field) {
  if (value.kind != Value::Kind::kText || value.text->size() > limit || value.text->find('\0') != std::string::npos) {
    return false;
  }
  field = std::move(*value.text);
  return true;
}

bool take_number(const Value& value, std::optional<double>& field) {
  if (value.kind != Value::Kind::kNumber) {
    return false;
  }
  field = value.number;
  return true;
}

bool take_boolean(const Value& value, std::optional<double>& field) {
  if (value.kind != Value::Kind::kBoolean) {
    return false;
  }
  field = value.number;
  return true;
}

bool is_known_version(const Value& value) {
  return value.is_whole && value.number > 0 && value.number <= static_cast<double>(kSenmlVersion);
}

bool take_value(const std::string& label, const Value& value, SenmlRecord& record) {
  if (label == "v" || label == "vb" || label == "vs" || label == "vd") {
    if (record.value || record.text) {  // one value a record
      return false;
    }
    if (label == "v") {
      return take_number(value, record.value);
    }
    return label == "vb" ? take_boolean(value, record.value) : take_text(value, kMaxText, record.text);
  }
  if (label == "s") {
    return value.kind == Value::Kind::kNumber;
  }
  return !label.ends_with('_');
}

bool take(const std::string& label, const Value& value, SenmlRecord& record) {
  if (label == "bn") {
    return take_text(value, kMaxName, record.base_name);
  }
  if (label == "bu") {
    return take_text(value, kMaxUnit, record.base_unit);
  }
  if (label == "n") {
    return take_text(value, kMaxName, record.name);
  }
  if (label == "u") {
    return take_text(value, kMaxUnit, record.unit);
  }
  if (label == "bt") {
    return take_number(value, record.base_time);
  }
  if (label == "bv") {
    return take_number(value, record.base_value);
  }
  if (label == "t") {
    return take_number(value, record.time);
  }
  return label == "bver" ? is_known_version(value) : take_value(label, value, record);
}

// Makes records as the parser goes: no document is built, and the first thing that is too much ends it. The functions
// are the parser's; false ends it.
class Reader final : public nlohmann::json_sax<Json> {
 public:
  explicit Reader(std::vector<SenmlRecord>& records) : records_(records) {}

  [[nodiscard]] Refusal refusal() const { return refusal_; }

  bool null() override { return take_value({}); }
  bool boolean(bool value) override { return take_value({.kind = Value::Kind::kBoolean, .number = value ? 1.0 : 0.0}); }
  bool number_integer(number_integer_t value) override {
    return take_value({.kind = Value::Kind::kNumber, .number = static_cast<double>(value)});
  }
  bool number_unsigned(number_unsigned_t value) override {
    return take_value({.kind = Value::Kind::kNumber, .number = static_cast<double>(value), .is_whole = true});
  }
  bool number_float(number_float_t value, const string_t& /*text*/) override {
    return take_value({.kind = Value::Kind::kNumber, .number = value});
  }
  bool string(string_t& value) override { return take_value({.kind = Value::Kind::kText, .text = &value}); }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*size*/) override {
    if (depth_ == kPack) {
      if (records_.size() == kMaxRecords) {
        refusal_ = Refusal::kTooMany;
        return false;
      }
      records_.emplace_back();
      return enter();
    }
    return take_value({}) && enter();
  }
  bool start_array(std::size_t /*size*/) override { return (depth_ == 0 || take_value({})) && enter(); }
  bool key(string_t& label) override {
    if (depth_ == kRecord) {
      label_ = label;
    }
    return true;
  }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }
  bool parse_error(std::size_t /*place*/, const std::string& /*token*/, const Json::exception& /*error*/) override {
    return false;
  }

 private:
  bool enter() { return ++depth_ <= kDeepest; }
  bool leave() {
    --depth_;
    return true;
  }
  bool take_value(const Value& value) {
    return depth_ > kRecord || (depth_ == kRecord && take(label_, value, records_.back()));
  }

  std::vector<SenmlRecord>& records_;
  std::string label_;
  int depth_ = 0;
  Refusal refusal_ = Refusal::kMalformed;
};

}  // namespace

Understood<std::vector<SenmlRecord>> read_senml_json(ByteView pack) {
  std::vector<SenmlRecord> records;
  Reader reader(records);
  if (!Json::sax_parse(pack.begin(), pack.end(), &reader) || records.empty()) {
    return tl::unexpected(reader.refusal());
  }
  return records;
}

}  // namespace ferry::hub
