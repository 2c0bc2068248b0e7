#include "learning/dataset/data_files.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <vector>

#include "learning/dataset/csv.hpp"
#include "learning/dataset/file_bytes.hpp"
#include "learning/dataset/idx.hpp"
#include "learning/dataset/npy.hpp"
#include "learning/dataset/npz.hpp"
#include "solvers/error.hpp"

namespace memprop::learning {
namespace {

namespace fs = std::filesystem;

struct KnownSet {
  const char* name;
  const char* package_folder;  // "" when no package ships it
  const char* where;           // how a user gets it
};

constexpr KnownSet kSets[] = {
    {"mnist", "",
     "its four files train-/t10k-images-idx3-ubyte.gz and train-/t10k-labels-idx1-ubyte.gz come "
     "from its publisher (yann.lecun.com/exdb/mnist)"},
    {"fashion-mnist", "/usr/share/datasets/fashion-mnist",
     "install the Debian package dataset-fashion-mnist, or get the four .gz files from its "
     "publisher (github.com/zalandoresearch/fashion-mnist)"},
    {"kmnist", "",
     "its four files, train-images-idx3-ubyte.gz (60,000 training images) among them, come from "
     "its publisher (codh.rois.ac.jp/kmnist)"},
};

// The file in the folder under any of its usual names.
std::optional<std::string> find_in(const fs::path& folder, const std::string& part,
                                   const std::string& kind) {
  for (const std::string& name : {part + "-" + kind + "-ubyte.gz", part + "-" + kind + "-ubyte"}) {
    std::error_code ignored;
    if (fs::is_regular_file(folder / name, ignored)) return (folder / name).string();
  }
  return std::nullopt;
}

struct Search {
  std::optional<DataPaths> found;
  std::string missing;  // the first file that is not there
  bool partly = false;  // some file of the set is there
};

Search search_folder(const fs::path& folder) {
  Search result;
  DataPaths paths;
  const auto look = [&](std::string& path, const char* part, const char* kind) {
    const auto found = find_in(folder, part, kind);
    if (found) {
      path = *found;
      result.partly = true;
    } else if (result.missing.empty()) {
      result.missing = fmt::format("{}-{}-ubyte.gz", part, kind);
    }
  };
  look(paths.train_inputs, "train", "images-idx3");
  look(paths.train_targets, "train", "labels-idx1");
  look(paths.test_inputs, "t10k", "images-idx3");
  look(paths.test_targets, "t10k", "labels-idx1");
  if (result.missing.empty()) result.found = paths;
  return result;
}

}  // namespace

DataPaths locate_data(const DataConfig& config) {
  if (config.name == "files") {
    return {config.train_inputs, config.train_targets, config.test_inputs, config.test_targets};
  }
  for (const KnownSet& set : kSets) {
    if (config.name != set.name) continue;
    std::vector<fs::path> folders;
    if (!config.directory.empty()) {
      folders.emplace_back(config.directory);
      folders.push_back(fs::path(config.directory) / set.name);
    }
    if (const char* root = std::getenv("MEMPROP_DATA_DIR"); root != nullptr && *root != '\0') {
      folders.push_back(fs::path(root) / set.name);
    }
    if (*set.package_folder != '\0') folders.emplace_back(set.package_folder);
    std::string looked, incomplete;
    for (const fs::path& folder : folders) {
      const Search search = search_folder(folder);
      if (search.found) return *search.found;
      if (search.partly && incomplete.empty()) {
        incomplete = fmt::format(" ({} lacks {})", folder.string(), search.missing);
      }
      looked += (looked.empty() ? "" : ", ") + folder.string();
    }
    throw UserError(fmt::format(
        "key 'data.name': expected the files of \"{}\" in data.directory or in "
        "$MEMPROP_DATA_DIR/{}, got none complete in: {}{}; {}",
        set.name, set.name, looked.empty() ? "(neither is set)" : looked, incomplete, set.where));
  }
  throw UserError(
      fmt::format("key 'data.name': expected \"mnist\", \"fashion-mnist\", \"kmnist\" "
                  "or \"files\", got \"{}\"",
                  config.name));
}

NumericArray read_array(const std::string& path) {
  std::string file = path, member;
  std::error_code ignored;
  if (const std::size_t colon = path.rfind(".npz:");
      colon != std::string::npos && !fs::exists(path, ignored)) {
    file = path.substr(0, colon + 4);
    member = path.substr(colon + 5);
  }
  const Bytes bytes = read_unpacked(file);
  if (looks_like_npz(bytes)) {
    std::vector<NamedArray> arrays = parse_npz(bytes, file);
    std::string names;
    for (NamedArray& entry : arrays) {
      if (entry.name == member || (member.empty() && arrays.size() == 1)) {
        return std::move(entry.array);
      }
      names += (names.empty() ? "" : ", ") + entry.name;
    }
    throw UserError(fmt::format("{}: expected one of its arrays as \"{}:NAME\" ({}), got \"{}\"",
                                file, file, names.empty() ? "none" : names, member));
  }
  if (!member.empty())
    throw UserError(file + ": expected a NumPy .npz archive, got something else");
  if (bytes.empty()) throw UserError(file + ": expected data, got an empty file");
  if (looks_like_npy(bytes)) return parse_npy(bytes, file);
  if (looks_like_idx(bytes)) return parse_idx(bytes, file);
  if (looks_like_text(bytes)) return parse_csv(bytes, file);
  // Neither NumPy nor text: most likely meant as IDX; its reader says what is wrong.
  return parse_idx(bytes, file);
}

}  // namespace memprop::learning
