#include <pam_module/person/words.h>

#include <libintl.h>

#include <cstdint>

namespace faceauth::pam {
namespace {

// By FaceIssue; a camera's frame is never unreadable or too large.
constexpr const char* kIssues[] = {
    "",
    "",
    "",
    N_("No face in view"),
    N_("Only one person, please"),
    N_("Move closer"),
    N_("Too dark: more light on your face"),
    N_("Too bright: less light on your face"),
    N_("Hold still"),
    N_("Look at the camera"),
    N_("Move back"),
    N_("Open your eyes"),
};
constexpr const char* kMovements[] = {
    N_("Good. Look straight ahead"),    N_("Turn your head to the left"), N_("Turn your head to the right"), N_("Nod"),
    N_("Close your eyes for a moment"),
};
// One text for no match and not live: which of them it was would help to tune a spoof.
constexpr const char* kVerdicts[] = {
    N_("Face login failed"),
    "",
    N_("Not recognised"),
    N_("Not recognised"),
    N_("No face seen"),
    N_("More than one face in view"),
    N_("Your face could not be seen clearly"),
    "",
    N_("Too many failures: face login has to wait"),
    N_("Face login is switched off"),
    N_("Your password is needed this time"),
    "",
    "",
    N_("Face login is busy"),
    N_("The camera is not available"),
    N_("No usable face seen in time"),
};
static_assert(sizeof kIssues / sizeof *kIssues == kFaceIssueLast + 1);
static_assert(sizeof kMovements / sizeof *kMovements == kMovementLast + 1);
static_assert(sizeof kVerdicts / sizeof *kVerdicts == kVerdictLast + 1);

}  // namespace

// The domain's catalogues lie where libc looks by itself. The empty text would be answered with the catalogue's head.
const char* translated(const char* text) noexcept { return *text == '\0' ? text : ::dgettext("faceauth", text); }

const char* words(Verdict verdict) noexcept { return translated(kVerdicts[static_cast<std::uint8_t>(verdict)]); }
const char* words(FaceIssue issue) noexcept { return translated(kIssues[static_cast<std::uint8_t>(issue)]); }
const char* words(Movement movement) noexcept { return translated(kMovements[static_cast<std::uint8_t>(movement)]); }

}  // namespace faceauth::pam
