#include "sweep/net_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "nn/cells.h"
#include "nn/init.h"
#include "nn/optimizers.h"
#include "sweep/key_row.h"
#include "train/schedule.h"

namespace unroll {
namespace {

using Words = std::vector<std::string>;

constexpr double kHuge = 1e15;  // sizes: what does not fit in memory is refused with the memory it would take
constexpr double kMany = 1e6;
constexpr double kSmallest = 1e-37;  // what is smaller may be 0 as a float

template <auto member>
KeyRow model(std::string_view key, std::string_view help) {
  return value_key<&Experiment::run, &RunConfig::model, member>(key, help);
}
template <auto... path>
KeyRow train(std::string_view key, std::string_view help) {
  return value_key<&Experiment::run, &RunConfig::train, path...>(key, help);
}
template <auto member>
KeyRow optim(std::string_view key, std::string_view help) {
  return train<&TrainConfig::optimizer, member>(key, help);
}
bool has_activations(const CellInfo& cell) {
  return !cell.activations.empty();
}
bool has_forget_gate(const CellInfo& cell) {
  return cell.forget_gate.has_value();
}
bool cell_is(const Experiment& e, bool (*property)(const CellInfo&)) {
  const CellInfo* cell = find_cell(e.run.model.cell);
  return cell != nullptr && property(*cell);
}
// "the cell lstm", "the cells lstm, gru".
std::string cells_where(bool (*property)(const CellInfo&)) {
  Words names;
  for (const CellInfo& cell : cells()) {
    if (property(cell)) names.emplace_back(cell.name);
  }
  return fmt::format("the cell{} {}", names.size() == 1 ? "" : "s", fmt::join(names, ", "));
}

Words activation_names() {
  Words names;
  for (const CellInfo& cell : cells()) {
    for (std::string_view name : cell.activations) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
    }
  }
  return names;
}

// "the optimizer sgd", "the optimizers sgd, rmsprop": those that have a property; or the schedules.
template <typename Row>
std::string rows_where(std::string_view what, std::span<const Row> table, bool (*property)(const Row&)) {
  Words names;
  for (const Row& row : table) {
    if (property(row)) names.emplace_back(row.name);
  }
  return fmt::format("the {}{} {}", what, names.size() == 1 ? "" : "s", fmt::join(names, ", "));
}
bool has_momentum(const OptimizerInfo& info) {
  return info.momentum;
}
bool has_rho(const OptimizerInfo& info) {
  return info.rho > 0.0;
}
bool has_eps(const OptimizerInfo& info) {
  return info.eps > 0.0;
}
bool has_betas(const OptimizerInfo& info) {
  return info.bias_corrected;
}
template <bool (*property)(const OptimizerInfo&)>
KeyRow optimizer_key(KeyRow row) {
  return std::move(row).when(rows_where<OptimizerInfo>("optimizer", optimizers(), property),
                             [](const Experiment& e) {
                               const OptimizerInfo* info = find_optimizer(e.run.train.optimizer.optimizer);
                               return info != nullptr && property(*info);
                             });
}
bool drops(const ScheduleInfo& info) {
  return info.drops;
}
bool ends(const ScheduleInfo& info) {
  return info.ends;
}
template <bool (*property)(const ScheduleInfo&)>
KeyRow schedule_key(KeyRow row) {
  return std::move(row).when(rows_where<ScheduleInfo>("schedule", schedules(), property),
                             [](const Experiment& e) {
                               const ScheduleInfo* info = find_schedule(e.run.train.schedule);
                               return info != nullptr && property(*info);
                             });
}
}  // namespace

std::vector<KeyInfo> net_keys() {
  const KeyRow rows[] = {
      model<&ModelConfig::cell>("model.cell", "recurrent cell").one_of([] { return names_of(cells()); }),
      model<&ModelConfig::params>(
          "model.params",
          "solves model.hidden for each run: the size whose trainable parameters, head "
          "and biases included, come closest; 0 = off")
          .named("param_budget")
          .within(0, kMany * kMany)
          .identity_is(KeyInfo::Identity::kNever),
      model<&ModelConfig::hidden>("model.hidden", "H: units of each layer, and direction")
          .within(1, kHuge)
          .in("units")
          .identity_is(KeyInfo::Identity::kAlways)
          .when("model.params: 0", [](const Experiment& e) { return e.run.model.params == 0; }),
      model<&ModelConfig::layers>("model.layers", "L: stacked layers").within(1, kHuge),
      model<&ModelConfig::activation>("model.activation", "nonlinearity of the cell")
          .one_of(activation_names)
          .when(cells_where(has_activations),
                [](const Experiment& e) { return cell_is(e, has_activations); }),
      model<&ModelConfig::init>("model.init", "how the initial parameters are drawn").one_of([] {
        return names_of(initialisers());
      }),
      model<&ModelConfig::forget_bias>("model.forget_bias",
                                       "initial bias of the forget gate; if left out, "
                                       "what the initialiser says")
          .within(-100, 100)
          .when(cells_where(has_forget_gate),
                [](const Experiment& e) { return cell_is(e, has_forget_gate); }),

      model<&ModelConfig::embedding>(
          "model.embedding",
          "E: symbols are read through a learned table of so many numbers each; 0 = one-hot")
          .within(0, kHuge)
          .in("numbers"),
      model<&ModelConfig::bidirectional>("model.bidirectional",
                                         "layers read from both ends, H units for each direction"),
      model<&ModelConfig::dropout>("model.dropout",
                                   "share of what a layer hands to the next one or to the head that is "
                                   "dropped in training")
          .below(0, 1),
      model<&ModelConfig::learn_initial_state>("model.learn_initial_state",
                                               "the state before the first step is learnt; else it is 0"),

      train<&TrainConfig::epochs>("train.epochs", "passes over the training part, at most")
          .named("max_epochs")
          .within(1, kMany)
          .in("epochs"),
      train<&TrainConfig::batch>("train.batch", "B: sequences of one step; at most the training part")
          .within(1, kHuge)
          .in("sequences"),
      train<&TrainConfig::patience>("train.patience",
                                    "stop after so many epochs without a better "
                                    "valid_loss; 0 = off")
          .within(0, kMany)
          .in("epochs"),
      train<&TrainConfig::min_delta>("train.min_delta", "how much lower counts as better")
          .within(0, kMany)
          .when("train.patience above 0", [](const Experiment& e) { return e.run.train.patience > 0; }),
      optim<&OptimizerConfig::optimizer>("train.optimizer", "rule of the update").one_of([] {
        return names_of(optimizers());
      }),
      optim<&OptimizerConfig::lr>("train.lr", "learning rate").above(0, kMany),
      optimizer_key<has_momentum>(
          optim<&OptimizerConfig::momentum>("train.momentum", "decay of the velocity; 0 = off").below(0, 1)),
      optim<&OptimizerConfig::nesterov>("train.nesterov", "look ahead along the velocity")
          .when("the optimizer sgd with train.momentum above 0",
                [](const Experiment& e) {
                  const OptimizerInfo* info = find_optimizer(e.run.train.optimizer.optimizer);
                  return info != nullptr && info->nesterov && e.run.train.optimizer.momentum > 0.0;
                }),
      optimizer_key<has_rho>(
          optim<&OptimizerConfig::rho>(
              "train.rho", "decay of the mean square; if left out, 0.99 for rmsprop, 0.9 for adadelta")
              .below(0, 1)),
      optimizer_key<has_betas>(
          optim<&OptimizerConfig::beta1>("train.beta1", "decay of the mean gradient").below(0, 1)),
      optimizer_key<has_betas>(
          optim<&OptimizerConfig::beta2>("train.beta2", "decay of the mean square").below(0, 1)),
      optimizer_key<has_eps>(
          optim<&OptimizerConfig::eps>(
              "train.eps",
              "added to the root of the mean square; if left out, 1e-8, 1e-10 for adagrad, 1e-6 for adadelta")
              .within(kSmallest, 1)),
      train<&TrainConfig::schedule>("train.schedule", "how the learning rate goes on from train.lr")
          .one_of([] { return names_of(schedules()); }),
      train<&TrainConfig::warmup>("train.warmup", "linear rise of the learning rate at the start; 0 = off")
          .within(0, kMany)
          .in("epochs"),
      train<&TrainConfig::lr_step>("train.lr_step", "from one drop of the learning rate to the next")
          .within(1, kMany)
          .in("epochs")
          .when("the schedule step", [](const Experiment& e) { return e.run.train.schedule == "step"; }),
      schedule_key<drops>(
          train<&TrainConfig::lr_gamma>("train.lr_gamma", "factor of a drop of the learning rate")
              .above(0, 1)),
      train<&TrainConfig::lr_patience>(
          "train.lr_patience", "epochs without a better valid_loss before a drop of the learning rate")
          .within(1, kMany)
          .in("epochs")
          .when("the schedule plateau",
                [](const Experiment& e) { return e.run.train.schedule == "plateau"; }),
      schedule_key<ends>(
          train<&TrainConfig::lr_final>("train.lr_final", "share of train.lr at the end").within(0, 1)),
      optim<&OptimizerConfig::l1>("train.l1", "L1: times the sign of each parameter is added to its gradient")
          .within(0, kMany),
      optim<&OptimizerConfig::weight_decay>(
          "train.weight_decay", "L2: times each parameter is added to its gradient; for adamw decoupled")
          .within(0, kMany),
      optim<&OptimizerConfig::decoupled_weight_decay>(
          "train.decoupled_weight_decay",
          "the decay shrinks the parameters instead: times 1 - lr * weight_decay in each step")
          .named("decoupled")
          .when("train.weight_decay above 0, but not for adamw",
                [](const Experiment& e) {
                  return e.run.train.optimizer.weight_decay > 0.0 &&
                         e.run.train.optimizer.optimizer != "adamw";
                }),
      optim<&OptimizerConfig::clip_norm>("train.clip_norm", "largest global norm of the gradient; 0 = off")
          .within(0, kHuge),
      optim<&OptimizerConfig::clip_value>("train.clip_value",
                                          "largest element of the gradient, cut before "
                                          "the norm; 0 = off")
          .within(0, kHuge),
  };
  return {std::begin(rows), std::end(rows)};
}

}  // namespace unroll
