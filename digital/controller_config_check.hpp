// The limits of a controller's configuration.
#pragma once

#include "digital/controller.hpp"

namespace memprop::digital {

// Throws UserError naming the first member that the controller cannot execute.
void check_controller_config(const ControllerConfig& config);

}  // namespace memprop::digital
