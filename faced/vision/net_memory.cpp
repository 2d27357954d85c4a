#include <faced/vision/conv_net_plan.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <vector>

namespace faceauth::vision {

void place_maps(NetPlan& plan) {
  std::vector<std::size_t> until(plan.maps.size(), 0);
  for (std::size_t i = 0; i < plan.steps.size(); ++i)
    for (const std::size_t map : plan.steps[i].from) until[map] = i + 1;
  for (const std::size_t map : plan.outputs) until[map] = plan.steps.size() + 1;
  std::map<std::size_t, std::size_t> taken;  // by place, the map
  // Map i is what step i - 1 gives.
  for (std::size_t i = 0; i < plan.maps.size(); ++i) {
    for (auto at = taken.begin(); at != taken.end();) at = until[at->second] < i ? taken.erase(at) : std::next(at);
    NetMap& map = plan.maps[i];
    for (const auto& [place, other] : taken) {
      if (map.place + map.size() <= place) break;
      map.place = place + (plan.maps[other].size() + kBlock - 1) / kBlock * kBlock;
    }
    taken[map.place] = i;
    plan.memory = std::max(plan.memory, map.place + map.size());
  }
}

}  // namespace faceauth::vision
