#include "store/results_format.h"

namespace unroll {

std::string group_hash(const H5Group& group) {
  ContentHash hash;
  for (const char* name :
       {"experiment", "description", "plan_hash", "metric", "goal", "loss", "chance_rule"}) {
    hash.add(group.text_attribute(name));
  }
  for (const std::string& name : group.datasets()) {
    const H5Dataset dataset = group.open_dataset(name);
    const std::string checksum = dataset.text_attribute(names::kChecksum);
    if (checksum.empty()) continue;
    hash.add(name);
    for (const char* text : {names::kKey, names::kShortName, "units", "long_name"}) {
      hash.add(dataset.text_attribute(text));
    }
    hash.add(checksum);
  }
  return hash.hex();
}

}  // namespace unroll
