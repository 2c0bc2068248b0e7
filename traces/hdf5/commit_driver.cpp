#include "traces/hdf5/commit_driver.hpp"

#include <hdf5.h>
#if H5_VERSION_GE(1, 14, 0)
#include <H5FDdevelop.h>
#endif

#include <algorithm>
#include <exception>
#include <functional>
#include <iterator>

namespace memprop::traces::h5 {
namespace {

// What the property list carries. HDF5 copies it bit by bit; the pointee outlives H5Fopen.
struct DriverInfo {
  const std::shared_ptr<CommitFile>* file;
};

// HDF5 keeps the pointer that driver_open() returns and hands it back.
struct OpenFile : H5FD_t {
  std::shared_ptr<CommitFile> file;
  haddr_t end_of_allocation = 0;
};

OpenFile& cast(H5FD_t* file) { return *static_cast<OpenFile*>(file); }
const OpenFile& cast(const H5FD_t* file) { return *static_cast<const OpenFile*>(file); }

constexpr haddr_t largest_address = (haddr_t{1} << 63U) - 1;

// No exception may travel through C. The file remembers the reason for whoever called HDF5, who
// has to ask: of a failed write the library is not told, because it cannot be closed after one (it
// keeps what it could not write and then ends the process with "infinite loop closing library").
template <class Action>
herr_t guarded(CommitFile& file, Action action) {
  try {
    action();
    return 0;
  } catch (const std::exception& error) {
    file.fail(error.what());
    return -1;
  }
}

H5FD_t* driver_open(const char*, unsigned flags, hid_t access_list, haddr_t) {
  const auto* info = static_cast<const DriverInfo*>(H5Pget_driver_info(access_list));
  if (info == nullptr) return nullptr;
  const std::shared_ptr<CommitFile>& file = *info->file;
  if ((flags & H5F_ACC_RDWR) != 0 && !file->writable()) return nullptr;
  if ((flags & H5F_ACC_TRUNC) != 0) file->set_size(0);
  auto* opened = new OpenFile();
  opened->file = file;
  return opened;
}

herr_t driver_close(H5FD_t* file) {
  delete &cast(file);
  return 0;
}

int driver_compare(const H5FD_t* a, const H5FD_t* b) {
  const CommitFile* first = cast(a).file.get();
  const CommitFile* second = cast(b).file.get();
  return first == second ? 0 : (std::less<>()(first, second) ? -1 : 1);
}

herr_t driver_query(const H5FD_t*, unsigned long* flags) {
  if (flags != nullptr) {
    *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
             H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
  }
  return 0;
}

haddr_t driver_end_of_allocation(const H5FD_t* file, H5FD_mem_t) {
  return cast(file).end_of_allocation;
}

herr_t driver_set_end_of_allocation(H5FD_t* file, H5FD_mem_t, haddr_t address) {
  cast(file).end_of_allocation = address;
  return 0;
}

haddr_t driver_end_of_file(const H5FD_t* file, H5FD_mem_t) { return cast(file).file->size(); }

herr_t driver_read(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t address, size_t size, void* out) {
  CommitFile& target = *cast(file).file;
  return guarded(target, [&] { target.read(address, size, out); });
}

herr_t driver_write(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t address, size_t size,
                    const void* bytes) {
  CommitFile& target = *cast(file).file;
  guarded(target, [&] { target.write(address, size, bytes); });
  return 0;
}

herr_t driver_truncate(H5FD_t* file, hid_t, hbool_t) {
  OpenFile& opened = cast(file);
  if (opened.file->writable()) opened.file->set_size(opened.end_of_allocation);
  return 0;
}

H5FD_class_t driver_class() {
  H5FD_class_t driver{};
#if H5_VERSION_GE(1, 14, 0)
  driver.version = H5FD_CLASS_VERSION;
  driver.value = static_cast<H5FD_class_value_t>(600);  // from the range for unregistered drivers
#endif
  driver.name = "memprop_commit";
  driver.maxaddr = largest_address;
  driver.fc_degree = H5F_CLOSE_WEAK;
  driver.fapl_size = sizeof(DriverInfo);
  driver.open = driver_open;
  driver.close = driver_close;
  driver.cmp = driver_compare;
  driver.query = driver_query;
  driver.get_eoa = driver_end_of_allocation;
  driver.set_eoa = driver_set_end_of_allocation;
  driver.get_eof = driver_end_of_file;
  driver.read = driver_read;
  driver.write = driver_write;
  driver.truncate = driver_truncate;
  constexpr H5FD_mem_t map[] = H5FD_FLMAP_DICHOTOMY;  // metadata and raw data apart
  std::copy(std::begin(map), std::end(map), driver.fl_map);
  return driver;
}

}  // namespace

int use_commit_driver(std::int64_t access_list, const std::shared_ptr<CommitFile>& file) {
  const H5FD_class_t driver = driver_class();
  const hid_t id = H5FDregister(&driver);
  if (id < 0) return -1;
  const DriverInfo info{&file};
  const herr_t status = H5Pset_driver(access_list, id, &info);
  H5FDunregister(id);  // the property list, then the file, hold it from here on
  return status;
}

}  // namespace memprop::traces::h5
