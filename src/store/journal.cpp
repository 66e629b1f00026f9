#include "store/journal.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>

#include "base/hash.h"
#include "store/journal_frames.h"
#include "store/journal_names.h"
#include "store/new_file.h"
#include "store/record_codec.h"

namespace unroll {
namespace {

constexpr std::chrono::milliseconds kCommitInterval{50};
constexpr std::size_t kMaxPendingBytes = std::size_t{1} << 26;  // append waits for the disk above that

RecordPlace place_of(const Frame& frame) {
  return {frame.offset, static_cast<std::uint32_t>(frame.payload.size()),
          static_cast<std::uint32_t>(hash64(frame.payload))};
}

// Reads what the frames mean. `keep` gets every sound frame, `end` the place where the next one goes.
JournalContent read_content(const PosixFile& file, bool salvage, const RunVisitor& visit,
                            const std::function<void(const Frame&)>& keep,
                            std::uint64_t from = kJournalHeaderBytes) {
  JournalContent content;
  std::string run_id;
  RunRecord record;
  const auto see = [&](const Frame& frame) {
    switch (frame.type) {
      case FrameType::kManifest: {
        Manifest manifest;
        if (!decode_manifest(frame.payload, manifest)) return false;
        content.manifest = std::move(manifest);
        content.has_manifest = true;
        content.sealed = false;
        break;
      }
      case FrameType::kRun:
        // Without a visitor the checksum of the frame is enough, unless damage is looked for.
        if ((visit || salvage) && !decode_run(frame.payload, run_id, record)) return false;
        ++content.runs;
        if (visit) visit(run_id, record, place_of(frame));
        break;
      case FrameType::kClose:
        break;
      case FrameType::kSeal:
        content.sealed = true;
        break;
      default:
        return false;
    }
    keep(frame);
    return true;
  };
  const ScanResult result = scan_frames(file, salvage, see, from);
  content.torn_bytes = result.torn_bytes;
  content.skipped_bytes = result.skipped_bytes;
  content.end = result.good_end;
  return content;
}

void require_journal(const PosixFile& file, HeaderState header, bool salvage) {
  if (header == HeaderState::kNewer) {
    throw FileError(file.path().string(), "was written by a newer version of unroll", "update unroll");
  }
  if (header == HeaderState::kForeign && !salvage) {
    throw FileError(file.path().string(), "is not a journal of unroll, or its first 16 bytes are damaged",
                    salvage_hint(file.path()));
  }
}

}  // namespace

JournalContent scan_journal(const std::filesystem::path& path, const RunVisitor& visit, bool salvage,
                            std::uint64_t from) {
  const PosixFile file = PosixFile::open_read(path);
  require_journal(file, check_header(file), salvage);
  return read_content(
      file, salvage, visit, [](const Frame&) {}, std::max(from, kJournalHeaderBytes));
}

JournalContent read_journal(const std::filesystem::path& path, bool salvage) {
  std::vector<std::pair<std::string, RunRecord>> records;
  JournalContent content = scan_journal(
      path,
      [&](const std::string& id, RunRecord& record, const RecordPlace&) {
        records.emplace_back(id, std::move(record));
      },
      salvage);
  if (!content.has_manifest) {
    throw FileError(path.string(), "holds no sweep: it was stopped before its first record was on disk",
                    "run the experiment again");
  }
  content.records = std::move(records);
  return content;
}

class JournalWriter::Impl {
 public:
  Impl(const std::filesystem::path& path, const Manifest& manifest, bool salvage)
      : file_(PosixFile::open_locked(path)) {
    const HeaderState header = check_header(file_);
    require_journal(file_, header, salvage);
    if (header == HeaderState::kUnfinished) {
      start(file_);
      end_ = kJournalHeaderBytes;
    } else {
      load(salvage, header != HeaderState::kGood);
    }
    const std::string payload = encode_manifest(manifest);
    if (!has_manifest_ || payload != encode_manifest(content_.manifest)) {
      std::string bytes;
      append_frame(bytes, FrameType::kManifest, end_, payload);
      commit(bytes);
      closed_ = false;
      content_.manifest = manifest;
      content_.sealed = false;
    }
    sealed_ = content_.sealed;
    committer_ = std::thread([this] { run(); });
  }

  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_one();
    committer_.join();
    close();
  }

  const JournalContent& content() const { return content_; }

  void append(FrameType type, std::string payload) {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [&] { return pending_bytes_ < kMaxPendingBytes || error_; });
    if (error_) throw FileError(*error_);
    sealed_ = type == FrameType::kSeal;
    pending_bytes_ += payload.size();
    pending_.emplace_back(type, std::move(payload));
    ++appended_;
    if (pending_.size() == 1) wake_.notify_one();
  }

  void sync() {
    std::unique_lock lock(mutex_);
    const std::uint64_t target = appended_;
    if (committed_ < target) {
      urgent_ = true;
      wake_.notify_one();
    }
    done_.wait(lock, [&] { return committed_ >= target || error_; });
    if (committed_ < target) throw FileError(*error_);
  }

  void seal() {
    sync();
    {
      const std::lock_guard lock(mutex_);
      if (sealed_) return;
    }
    append(FrameType::kSeal, {});
    sync();
  }

 private:
  // Nothing behind the last records would say that they were on disk, and damage to them would pass for a
  // torn tail: one more frame does.
  void close() {
    if (closed_ || error_) return;
    try {
      std::string bytes;
      append_frame(bytes, FrameType::kClose, end_, {});
      commit(bytes);
    } catch (const FileError&) {  // the records are safe without it
    }
  }

  // Writes what every journal starts with, and makes its name durable.
  static void start(PosixFile& file) {
    file.truncate(0);
    file.write(0, journal_header());
    file.sync();
    sync_folder_of(file.path());
  }

  // Reads a journal that is there and makes its end the place to go on.
  void load(bool salvage, bool bad_header) {
    const std::filesystem::path path = file_.path();
    std::optional<NewFile> copy;  // of the sound records
    std::string bytes;
    std::uint64_t copied = kJournalHeaderBytes;
    const auto flush = [&] {
      copy->file().write(copied, bytes);
      copied += bytes.size();
      bytes.clear();
    };
    if (salvage) start(copy.emplace(path).file());
    const auto keep = [&](const Frame& frame) {
      has_manifest_ = has_manifest_ || frame.type == FrameType::kManifest;
      closed_ = frame.type == FrameType::kSeal || frame.type == FrameType::kClose;
      if (!copy) return;
      append_frame(bytes, frame.type, kJournalHeaderBytes, frame.payload);
      if (bytes.size() > kMaxPendingBytes) flush();
    };
    content_ = read_content(file_, salvage, {}, keep);
    end_ = content_.end;
    if (bad_header && !has_manifest_) require_journal(file_, HeaderState::kForeign, false);
    if (salvage && (bad_header || content_.skipped_bytes > 0)) {
      flush();
      std::error_code error;
      std::filesystem::copy_file(path, path.string() + ".damaged",
                                 std::filesystem::copy_options::overwrite_existing, error);
      if (error) throw FileError(path.string() + ".damaged", "cannot keep a copy: " + error.message());
      file_ = std::move(copy->publish());
      end_ = copied;
      closed_ = false;  // frames that were copied vouch for nothing
    } else if (content_.torn_bytes > 0) {
      file_.truncate(end_);
      file_.sync();
    }
  }

  void commit(const std::string& bytes) {
    try {
      file_.write(end_, bytes);
      file_.sync();
    } catch (const FileError&) {
      try {
        file_.truncate(end_);  // so that the file ends with a sound record; opening would cut it, too
      } catch (const FileError&) {
      }
      throw;
    }
    end_ += bytes.size();
  }

  // The committer: one write and one fdatasync for all that was appended since the last.
  void run() {
    using Clock = std::chrono::steady_clock;
    std::vector<std::pair<FrameType, std::string>> batch;
    std::string bytes;
    Clock::time_point last = Clock::now() - kCommitInterval;
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [&] { return stop_ || !pending_.empty(); });
      if (pending_.empty()) return;
      wake_.wait_until(lock, last + kCommitInterval, [&] { return stop_ || urgent_; });
      batch.swap(pending_);
      pending_bytes_ = 0;
      urgent_ = false;
      const std::uint64_t count = appended_;
      lock.unlock();
      done_.notify_all();
      last = Clock::now();
      std::optional<FileError> error;
      try {
        for (const auto& [type, payload] : batch) append_frame(bytes, type, end_, payload);
        commit(bytes);
        closed_ = batch.back().first == FrameType::kSeal;
      } catch (const FileError& e) {
        error = e;
      } catch (const std::bad_alloc&) {
        error.emplace(file_.path().string(), "no memory to write records");
      }
      batch.clear();
      bytes.clear();
      lock.lock();
      error_ = error;
      if (!error_) committed_ = count;
      done_.notify_all();
      if (error_) return;
    }
  }

  PosixFile file_;
  std::uint64_t end_ = 0;  // of the last sound record; the committer's once it runs
  JournalContent content_;
  bool has_manifest_ = false;
  bool closed_ = false;  // the last frame vouches for all before it; the committer's, too

  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::condition_variable done_;
  std::vector<std::pair<FrameType, std::string>> pending_;
  std::size_t pending_bytes_ = 0;
  std::uint64_t appended_ = 0;
  std::uint64_t committed_ = 0;
  bool sealed_ = false;
  bool urgent_ = false;
  bool stop_ = false;
  std::optional<FileError> error_;
  std::thread committer_;
};

JournalWriter::JournalWriter(const std::filesystem::path& path, const Manifest& manifest, bool salvage)
    : impl_(std::make_unique<Impl>(path, manifest, salvage)) {}
JournalWriter::~JournalWriter() = default;
JournalWriter::JournalWriter(JournalWriter&&) noexcept = default;

const JournalContent& JournalWriter::content() const {
  return impl_->content();
}

void JournalWriter::append(const std::string& run_id, const RunRecord& record) {
  impl_->append(FrameType::kRun, encode_run(run_id, record));
}

void JournalWriter::sync() {
  impl_->sync();
}

void JournalWriter::seal() {
  impl_->seal();
}

}  // namespace unroll
