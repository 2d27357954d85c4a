// What one core's arithmetic can do at most.
#pragma once

#include <cstdint>

namespace faceauth::vision {

// At least so many products added up, by the widest instructions of this processor, none waiting for another.
float multiply_and_add(std::int64_t count);

}  // namespace faceauth::vision
