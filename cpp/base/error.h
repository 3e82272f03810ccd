#pragma once
// The errors that cross into Python. Raised only at the boundary (construction, compile, first touch of the
// user's arrays); kernels are noexcept. A message says what was expected, what came, for which input, what to do.

#include <stdexcept>
#include <string>

namespace recfast {

struct ValueError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct TypeError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct IndexError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct KeyError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
// Of hardware: Python's recfast.DeviceError.
struct DeviceError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Inside of a catch: throws the same error with `place` before its message.
[[noreturn]] inline void rethrow_at(const std::string& place) {
  try {
    throw;
  } catch (const ValueError& error) {
    throw ValueError(place + ": " + error.what());
  } catch (const TypeError& error) {
    throw TypeError(place + ": " + error.what());
  } catch (const KeyError& error) {
    throw KeyError(place + ": " + error.what());
  } catch (const DeviceError& error) {
    throw DeviceError(place + ": " + error.what());
  }
}

}  // namespace recfast
