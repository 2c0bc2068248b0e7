// The wall: files, groups and links.
#include <hdf5.h>

#include <algorithm>

#include "traces/hdf5/calls.hpp"
#include "traces/hdf5/commit_driver.hpp"
#include "traces/hdf5/internal/check.hpp"

namespace memprop::traces::h5 {
namespace {

Handle access_list(const std::shared_ptr<CommitFile>& file) {
  Handle list = own(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "H5Pcreate");
  check(use_commit_driver(list.get(), file), "H5Pset_driver");
  // 1.8's format: read by every program of today, dense attributes, checksummed metadata, and no
  // "open for writing" mark that would keep others from reading a growing or abandoned file.
  check(H5Pset_libver_bounds(list.get(), H5F_LIBVER_V18, H5F_LIBVER_V18), "H5Pset_libver_bounds");
  // Data sets that outlive the file must not keep it open.
  check(H5Pset_fclose_degree(list.get(), H5F_CLOSE_STRONG), "H5Pset_fclose_degree");
  return list;
}

// Equal runs leave equal files: no times of day in the headers of objects.
Handle without_times(Id list_class) {
  Handle list = own(H5Pcreate(list_class), H5Pclose, "H5Pcreate");
  check(H5Pset_obj_track_times(list.get(), false), "H5Pset_obj_track_times");
  return list;
}

std::string absolute(const std::string& path) {
  return !path.empty() && path.front() == '/' ? path : "/" + path;
}

struct Listing {
  std::vector<std::string>* paths;
};

herr_t add_dataset(hid_t, const char* name, const H5O_info_t* info, void* data) {
  if (info->type == H5O_TYPE_DATASET) static_cast<Listing*>(data)->paths->emplace_back(name);
  return 0;
}

}  // namespace

Handle create_file(const std::shared_ptr<CommitFile>& file) {
  const LibraryUse use;
  const Handle access = access_list(file);
  const Handle creation = without_times(H5P_FILE_CREATE);
  return own(H5Fcreate(file->path().c_str(), H5F_ACC_TRUNC, creation.get(), access.get()), H5Fclose,
             "H5Fcreate");
}

Handle open_file(const std::shared_ptr<CommitFile>& file, bool writable) {
  const LibraryUse use;
  const Handle access = access_list(file);
  return own(H5Fopen(file->path().c_str(), writable ? H5F_ACC_RDWR : H5F_ACC_RDONLY, access.get()),
             H5Fclose, "H5Fopen");
}

void flush_file(Id file) {
  const LibraryUse use;
  check(H5Fflush(file, H5F_SCOPE_GLOBAL), "H5Fflush");
}

void close_file(Handle& file) {
  const LibraryUse use;
  if (!file.close()) throw_error("H5Fclose");
}

ObjectKind kind_of(Id file, const std::string& path) {
  const LibraryUse use;
  const std::string full = absolute(path);
  // H5Lexists fails where a group on the way is missing, so each part is asked for.
  for (std::size_t end = full.find('/', 1);; end = full.find('/', end + 1)) {
    const std::string part = full.substr(0, end);
    if (part != "/" && check(H5Lexists(file, part.c_str(), H5P_DEFAULT), "H5Lexists") == 0) {
      return ObjectKind::none;
    }
    if (end == std::string::npos) break;
    const Handle above = own(H5Oopen(file, part.c_str(), H5P_DEFAULT), H5Oclose, "H5Oopen");
    if (H5Iget_type(above.get()) != H5I_GROUP) return ObjectKind::none;
  }
  const Handle object = own(H5Oopen(file, full.c_str(), H5P_DEFAULT), H5Oclose, "H5Oopen");
  switch (H5Iget_type(object.get())) {
    case H5I_GROUP:
      return ObjectKind::group;
    case H5I_DATASET:
      return ObjectKind::dataset;
    default:
      return ObjectKind::other;
  }
}

Handle create_group(Id file, const std::string& path) {
  const LibraryUse use;
  const std::string full = absolute(path);
  create_groups_above(file, full);
  const Handle creation = without_times(H5P_GROUP_CREATE);
  return own(H5Gcreate2(file, full.c_str(), H5P_DEFAULT, creation.get(), H5P_DEFAULT), H5Gclose,
             "H5Gcreate2");
}

void create_groups_above(Id file, const std::string& path) {
  const LibraryUse use;
  const std::string full = absolute(path);
  // One by one: HDF5 would make the missing ones itself, with times of day in them.
  for (std::size_t end = full.find('/', 1); end != std::string::npos;
       end = full.find('/', end + 1)) {
    const std::string group = full.substr(0, end);
    if (check(H5Lexists(file, group.c_str(), H5P_DEFAULT), "H5Lexists") > 0) continue;
    const Handle creation = without_times(H5P_GROUP_CREATE);
    own(H5Gcreate2(file, group.c_str(), H5P_DEFAULT, creation.get(), H5P_DEFAULT), H5Gclose,
        "H5Gcreate2");
  }
}

Handle open_object(Id file, const std::string& path) {
  const LibraryUse use;
  return own(H5Oopen(file, absolute(path).c_str(), H5P_DEFAULT), H5Oclose, "H5Oopen");
}

void remove_object(Id file, const std::string& path) {
  const LibraryUse use;
  check(H5Ldelete(file, absolute(path).c_str(), H5P_DEFAULT), "H5Ldelete");
}

std::vector<std::string> dataset_paths(Id file) {
  const LibraryUse use;
  std::vector<std::string> paths;
  Listing listing{&paths};
  // In the order of the file: sorting by name inside HDF5 1.10 builds a table that it frees
  // without having filled it when the file is damaged.
#if H5_VERSION_GE(1, 12, 0)
  check(H5Ovisit3(file, H5_INDEX_NAME, H5_ITER_NATIVE, add_dataset, &listing, H5O_INFO_BASIC),
        "H5Ovisit");
#else
  check(H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_NATIVE, add_dataset, &listing, H5O_INFO_BASIC),
        "H5Ovisit");
#endif
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace memprop::traces::h5
