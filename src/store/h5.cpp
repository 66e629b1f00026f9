// Errors, files and groups; attributes and arrays are in h5_data.cpp.
#include "store/h5.h"

#include <fmt/format.h>
#include <hdf5.h>

#include <type_traits>

#include "base/error.h"
#include "store/results.h"

namespace unroll {
namespace {

static_assert(std::is_same_v<hid_t, std::int64_t> && std::is_same_v<herr_t, int>);

// HDF5 keeps global state even in its thread-safe build, and its dimension scales are not thread-safe.
std::mutex hdf5_mutex;

// The most specific reason that the library gives; of a failed system call only the system's words.
std::string innermost_reason() {
  std::string reason = "no reason given";
  H5Ewalk2(
      H5E_DEFAULT, H5E_WALK_UPWARD,
      [](unsigned n, const H5E_error2_t* error, void* data) -> herr_t {
        if (n == 0 && error->desc != nullptr) *static_cast<std::string*>(data) = error->desc;
        return 0;
      },
      &reason);
  constexpr std::string_view kSystem = "error message = '";
  if (const std::size_t start = reason.find(kSystem); start != std::string::npos) {
    reason = reason.substr(start + kSystem.size());
    reason = reason.substr(0, reason.find('\''));
  }
  return reason;
}

}  // namespace

H5Session::H5Session() : lock_(hdf5_mutex) {
  // After an I/O error the library's clean-up at exit writes again, and may crash: everything is closed here.
  static const int kNoExitHandler = H5dont_atexit();
  static_cast<void>(kNoExitHandler);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

std::string hdf5_version() {
  unsigned major = 0;
  unsigned minor = 0;
  unsigned release = 0;
  H5get_libversion(&major, &minor, &release);
  return fmt::format("{}.{}.{}", major, minor, release);
}

H5Object::H5Object(std::int64_t id, int (*closer)(std::int64_t), std::string where, std::string name)
    : id_(id), close_(closer), where_(std::move(where)), name_(std::move(name)) {}

H5Object::H5Object(H5Object&& other) noexcept
    : id_(std::exchange(other.id_, -1)),
      close_(other.close_),
      where_(std::move(other.where_)),
      name_(std::move(other.name_)) {}

H5Object& H5Object::operator=(H5Object&& other) noexcept {
  std::swap(id_, other.id_);
  std::swap(close_, other.close_);
  std::swap(where_, other.where_);
  std::swap(name_, other.name_);
  return *this;
}

H5Object::~H5Object() {
  if (id_ >= 0) close_(id_);
}

void H5Object::close() {
  if (id_ >= 0) check(close_(std::exchange(id_, -1)), "close");
}

void H5Object::fail(const std::string& action) const {
  throw FileError(where_, fmt::format("cannot {} '{}': {}", action, name_, innermost_reason()));
}

H5Object H5Object::part(std::int64_t id, int (*closer)(std::int64_t), const char* action,
                        const std::string& name) const {
  H5Object object(id, closer, where_, name);
  object.check(id, action);
  return object;
}

namespace {

// Order of making kept, so that readers see arrays in the order of the metric table; no times, so that equal
// content gives equal bytes.
H5Object ordered_plist(const H5Object& owner, hid_t kind) {
  H5Object plist = owner.part(H5Pcreate(kind), H5Pclose, "prepare", owner.name());
  plist.check(H5Pset_link_creation_order(plist.id(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
              "prepare");
  plist.check(H5Pset_obj_track_times(plist.id(), false), "prepare");
  return plist;
}

// Published files are replaced by rename and never changed, so nobody needs HDF5's own locks, which some
// file systems refuse.
H5Object access_plist(const H5Object& owner) {
  H5Object plist = owner.part(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "prepare", owner.name());
  plist.check(H5Pset_libver_bounds(plist.id(), H5F_LIBVER_V18, H5F_LIBVER_V18), "prepare");
  plist.check(H5Pset_fclose_degree(plist.id(), H5F_CLOSE_STRONG), "prepare");
  plist.check(H5Pset_file_locking(plist.id(), false, true), "prepare");
  return plist;
}

}  // namespace

H5Group H5Group::create_group(const std::string& name) {
  const H5Object plist = ordered_plist(*this, H5P_GROUP_CREATE);
  return H5Group(part(H5Gcreate2(id(), name.c_str(), H5P_DEFAULT, plist.id(), H5P_DEFAULT), H5Gclose,
                      "create the group", name));
}

bool H5Group::contains(const std::string& name) const {
  return check(H5Lexists(id(), name.c_str(), H5P_DEFAULT), "look into") > 0;
}

H5Group H5Group::open_group(const std::string& name) const {
  return H5Group(part(H5Gopen2(id(), name.c_str(), H5P_DEFAULT), H5Gclose, "open the group", name));
}

H5Dataset H5Group::open_dataset(const std::string& name) const {
  return H5Dataset(part(H5Dopen2(id(), name.c_str(), H5P_DEFAULT), H5Dclose, "open", name));
}

std::vector<std::string> H5Group::datasets() const {
  H5G_info_t info{};
  check(H5Gget_info(id(), &info), "look into");
  std::vector<std::string> names;
  for (hsize_t i = 0; i < info.nlinks; ++i) {
    std::string name(256, '\0');
    const ssize_t length = check(H5Lget_name_by_idx(id(), ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, i,
                                                    name.data(), name.size(), H5P_DEFAULT),
                                 "list the arrays of");
    if (static_cast<std::size_t>(length) >= name.size()) continue;  // no name of ours is as long
    name.resize(static_cast<std::size_t>(length));
    H5O_info_t object{};
    if (H5Oget_info_by_name2(id(), name.c_str(), &object, H5O_INFO_BASIC, H5P_DEFAULT) < 0) continue;
    if (object.type == H5O_TYPE_DATASET) names.push_back(name);
  }
  return names;
}

H5File H5File::create(const std::filesystem::path& path, const std::string& where) {
  const H5Object none(-1, nullptr, where, path.filename().string());
  const H5Object layout = ordered_plist(none, H5P_FILE_CREATE);
  const H5Object access = access_plist(none);
  return H5File(none.part(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, layout.id(), access.id()), H5Fclose,
                          "create", none.name()));
}

H5File H5File::open(const std::filesystem::path& path, const std::string& where) {
  const H5Object none(-1, nullptr, where, path.filename().string());
  const H5Object access = access_plist(none);
  return H5File(none.part(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.id()), H5Fclose, "open", none.name()));
}

void H5File::finish() {
  check(H5Fflush(id(), H5F_SCOPE_LOCAL), "flush");
  close();
}

}  // namespace unroll
