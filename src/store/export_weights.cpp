// The parameters of a run as .npz or HDF5.
#include <fmt/format.h>
#include <zlib.h>

#include <bit>

#include "base/bytes.h"
#include "base/error.h"
#include "store/export.h"
#include "store/h5.h"
#include "store/new_file.h"

namespace unroll {
namespace {

namespace fs = std::filesystem;

// Source: the .npy format, version 1.0 (numpy.lib.format).
std::string npy(const std::string& type, const std::string& shape, const std::string& content) {
  constexpr std::size_t kAlign = 64;
  constexpr std::size_t kPreamble = 10;
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", type, shape);
  header.append(kAlign - (kPreamble + header.size() + 1) % kAlign, ' ');
  header += '\n';
  ByteWriter out;
  for (const char c : std::string_view("\x93NUMPY\x01\x00", 8)) out.u8(static_cast<std::uint8_t>(c));
  out.u8(static_cast<std::uint8_t>(header.size() & 0xFFU));
  out.u8(static_cast<std::uint8_t>(header.size() >> 8U));
  return out.take() + header + content;
}

std::string npy(const KeptParameter& p) {
  ByteWriter values;
  for (const float v : p.values) values.u32(std::bit_cast<std::uint32_t>(v));
  return npy("<f4",
             p.columns == 0 ? fmt::format("({},)", p.rows) : fmt::format("({}, {})", p.rows, p.columns),
             values.bytes());
}

void u16(ByteWriter& out, std::size_t value) {
  out.u8(static_cast<std::uint8_t>(value & 0xFFU));
  out.u8(static_cast<std::uint8_t>(value >> 8U));
}

// What the local and the central header of an entry have in common: stored, not compressed, 1980-01-01.
void zip_fields(ByteWriter& out, const std::string& name, const std::string& content) {
  u16(out, 20);  // version that can read it
  u16(out, 0);
  u16(out, 0);     // method: stored
  u16(out, 0);     // time
  u16(out, 0x21);  // date
  const auto size = static_cast<std::uint32_t>(content.size());
  out.u32(static_cast<std::uint32_t>(
      ::crc32_z(0, reinterpret_cast<const unsigned char*>(content.data()), content.size())));
  out.u32(size);
  out.u32(size);
  u16(out, name.size());
  u16(out, 0);  // extra field
}

// Source: PKWARE's APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16.
std::string zip(const fs::path& path, const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string body;
  std::string directory;
  for (const auto& [name, content] : entries) {
    if (content.size() > UINT32_MAX / 2 - body.size() / 2) {
      throw FileError(path.string(), "an .npz of this kind holds less than 4 GiB",
                      "choose a name that ends in .h5");
    }
    ByteWriter local;
    local.u32(0x04034B50U);
    zip_fields(local, name, content);
    ByteWriter central;
    central.u32(0x02014B50U);
    u16(central, 20);  // version that made it
    zip_fields(central, name, content);
    u16(central, 0);  // comment
    u16(central, 0);  // disk
    u16(central, 0);  // internal attributes
    central.u32(0);
    central.u32(static_cast<std::uint32_t>(body.size()));
    directory += central.bytes() + name;
    body += local.bytes() + name + content;
  }
  ByteWriter end;
  end.u32(0x06054B50U);
  u16(end, 0);
  u16(end, 0);
  u16(end, entries.size());
  u16(end, entries.size());
  end.u32(static_cast<std::uint32_t>(directory.size()));
  end.u32(static_cast<std::uint32_t>(body.size()));
  u16(end, 0);
  return body + directory + end.bytes();
}

using Texts = std::vector<std::pair<std::string, std::string>>;

void write_h5(const fs::path& path, const fs::path& where, const RunRecord& record, const Texts& texts) {
  const H5Session session;
  H5File file = H5File::create(path, where.string());
  for (const KeptParameter& p : record.weights) {
    const std::vector<std::uint64_t> dims =
        p.columns == 0 ? std::vector<std::uint64_t>{p.rows} : std::vector<std::uint64_t>{p.rows, p.columns};
    H5Dataset dataset = file.create_dataset(p.name, H5Type::kFloat32, dims, {});
    if (p.size() > 0) dataset.write(H5Type::kFloat32, 0, p.rows, p.values.data());
    dataset.close();
  }
  for (const auto& [name, text] : texts) file.set_attribute(name, text);
  file.finish();
}

}  // namespace

void export_weights(const fs::path& path, const RunRecord& record, const Texts& texts) {
  UNROLL_CHECK(!record.weights.empty(), "a record without weights");
  NewFile file(path);
  if (path.extension() == ".npz") {
    std::vector<std::pair<std::string, std::string>> entries;
    for (const KeptParameter& p : record.weights) entries.emplace_back(p.name + ".npy", npy(p));
    for (const auto& [name, text] : texts) {
      if (!text.empty())
        entries.emplace_back(name + ".npy", npy(fmt::format("|S{}", text.size()), "()", text));
    }
    file.file().write(0, zip(path, entries));
  } else {
    write_h5(file.path(), path, record, texts);
  }
  file.publish();
}

}  // namespace unroll
