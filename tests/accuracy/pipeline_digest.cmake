# cmake -DANALYSIS=... -DDAMAGE=... -DOUTPUT=... -P: a header with one hash over the contents of each list of sources.
function(digest_of variable)
  set(all "")
  foreach(source ${ARGN})
    file(SHA256 ${source} one)
    string(APPEND all ${one})
  endforeach()
  string(SHA256 digest "${all}")
  set(${variable} ${digest} PARENT_SCOPE)
endfunction()

digest_of(analysis ${ANALYSIS})
digest_of(damage ${DAMAGE})
file(WRITE ${OUTPUT} "#pragma once
inline constexpr char kAnalysisDigest[] = \"${analysis}\";
inline constexpr char kDamageDigest[] = \"${damage}\";
")
