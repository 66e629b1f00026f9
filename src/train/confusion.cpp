#include "train/confusion.h"

#include <algorithm>

#include "train/batch_of.h"

namespace unroll {

bool counts_confusion(const Dataset& dataset) {
  return dataset.loss == Loss::kSoftmax && !dataset.class_names.empty() &&
         dataset.output_size <= kMostConfusedClasses;
}

std::vector<double> confusion(Model& model, const Dataset& dataset, BatchReader& reader) {
  const std::size_t classes = dataset.output_size;
  std::vector<double> counts(classes * classes);
  for (std::size_t i = 0; i < reader.batches(); ++i) {
    const BatchView view = reader.read(i);
    const std::vector<float> logits = model.predict(batch_of(view));
    auto row = logits.begin();
    for (std::size_t t = 0; t < (dataset.every_step ? view.seq_len : 1); ++t) {
      for (std::size_t b = 0; b < view.batch; ++b) {
        if (dataset.every_step && view.lengths != nullptr && t >= view.lengths[b]) continue;
        const auto end = row + static_cast<std::ptrdiff_t>(classes);
        const auto predicted = static_cast<std::size_t>(std::max_element(row, end) - row);
        const auto truth = static_cast<std::size_t>(view.classes[t * view.batch + b]);
        counts[truth * classes + predicted] += 1.0;
        row = end;
      }
    }
  }
  return counts;
}

}  // namespace unroll
