// Writes the seed corpora, one file per message: make_corpus tests/fuzz/corpus. Run it again after a change of a
// protocol, a format or the configuration (`ninja fuzz_corpus`). Inputs that once failed are added by hand under a name
// of their own, and stay. make_corpus --check tests/fuzz/corpus says which seed is not what would be written today.
#include "make_corpus.h"

#include <unit/protocol/samples.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <utility>
#include <vector>

// In the place of libsodium's, for this program alone: keys, ids and nonces are the same each time.
extern "C" void randombytes_buf(void* out, std::size_t size) {
  static std::mt19937 numbers;
  std::generate_n(static_cast<std::uint8_t*>(out), size, [] { return static_cast<std::uint8_t>(numbers()); });
}

namespace {

std::filesystem::path corpus_root;
bool only_checks = false;
bool corpus_failed = false;

}  // namespace

void corpus_fails(const std::string& why) {
  std::cerr << why << "\n";
  corpus_failed = true;
}

std::vector<std::uint8_t> bytes_in(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) corpus_fails(file.string() + " cannot be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_seed(const std::string& target, const std::string& name, const std::vector<std::uint8_t>& input, Seed kind) {
  const std::filesystem::path file = corpus_root / target / name;
  if (only_checks) {
    const bool same = bytes_in(file) == input;
    if (!same && kind == Seed::ours) corpus_fails(file.string() + " is not what make_corpus writes: ninja fuzz_corpus");
    return;
  }
  std::filesystem::create_directories(corpus_root / target);
  std::ofstream out(file, std::ios::binary);
  out.write(reinterpret_cast<const char*>(input.data()), static_cast<std::streamsize>(input.size()));
  if (!out) corpus_fails(file.string() + " cannot be written");
}

namespace {

using namespace faceauth;
using test::text;
using wire::Type;
using Input = std::vector<std::uint8_t>;

void write(const std::string& target, const std::string& name, const Input& input) { write_seed(target, name, input); }

template <class Body>
Input frame(Type type, const Body& body) {
  std::uint8_t out[limits::kFrameMax];
  const std::size_t size = wire::encode_frame(out, type, wire::Nonce{}, body);
  return {out, out + size};
}

// Of each request: which, by whom (root, ann, bob, carol), about whom (ann, bob, carol, everybody), what is shown and
// typed, and what a login may use.
void sequences() {
  const auto put = [](const char* name, const Input& input) { write("keeper", name, input); };
  constexpr std::uint8_t kLogin = 0, kVerify = 1, kProve = 2, kSetPassword = 3, kRemove = 4, kDisable = 5, kEnable = 6;
  constexpr std::uint8_t kRoot = 0, kAnn = 1, kBob = 2, kOfAnn = 0, kLiveAnn = 5, kLiveBob = 6, kPrintOfAnn = 1;
  constexpr std::uint8_t kAnnsPassword = 0, kNewPassword = 16, kByFace = 1, kByPassword = 2, kByBoth = 3;
  put("face", {kLogin, kRoot, kOfAnn, kLiveAnn, kByFace, kLogin, kAnn, kOfAnn, kLiveAnn, kByBoth});
  put("face_of_another", {kLogin, kRoot, kOfAnn, kLiveBob, kByFace, kVerify, kRoot, kOfAnn, kLiveBob, 0});
  put("print", {kLogin, kRoot, kOfAnn, kPrintOfAnn, kByFace});
  put("asked_by_another", {kLogin, kBob, kOfAnn, kLiveAnn, kByFace, kRemove, kBob, kOfAnn, 0});
  put("password", {kLogin, kAnn, kOfAnn, kAnnsPassword, kByPassword, kLogin, kAnn, kOfAnn, kNewPassword, kByPassword});
  put("proof", {kProve, kAnn, kOfAnn, kAnnsPassword, kSetPassword, kAnn, kOfAnn, kNewPassword, kLogin, kAnn, kOfAnn,
                kNewPassword, kByPassword});
  put("proof_of_an_old_password",
      {kProve, kAnn, kOfAnn, kAnnsPassword, kSetPassword, kRoot, kOfAnn, kNewPassword, kRemove, kAnn, kOfAnn, 0});
  put("switched_off", {kDisable, kAnn, kOfAnn, 0, kLogin, kRoot, kOfAnn, kLiveAnn, kByFace, kEnable, kAnn, kOfAnn, 0,
                       kLogin, kRoot, kOfAnn, kLiveAnn, kByFace});
  Input own_bytes = {8, kAnn, kOfAnn, kLiveAnn, 32};
  const Input begin = frame(Type::auth_begin, wire::AuthBegin{.user = text("ann"), .timeout_ms = 500});
  own_bytes.insert(own_bytes.end(), begin.begin(), begin.end());
  put("own_bytes", own_bytes);
}

void requests() {
  const auto all = test::wire_samples();
  const auto put = [](const char* name, const Input& input) { write("wire_requests", name, input); };
  put("auth_begin", frame(Type::auth_begin, std::get<wire::AuthBegin>(all)));
  put("auth_identify", frame(Type::auth_identify, wire::AuthBegin{}));
  put("answer", frame(Type::answer, std::get<wire::Answer>(all)));
  put("report", frame(Type::report, std::get<wire::Report>(all)));
  put("prove_password", frame(Type::prove_password, std::get<wire::ProvePassword>(all)));
  put("set_password", frame(Type::set_password, std::get<wire::SetPassword>(all)));
  put("enroll_begin", frame(Type::enroll_begin, std::get<wire::EnrollBegin>(all)));
  put("verify_begin", frame(Type::verify_begin, std::get<wire::VerifyBegin>(all)));
  put("identify_begin", frame(Type::identify_begin, std::get<wire::IdentifyBegin>(all)));
  put("image", frame(Type::image, wire::Empty{}));
  put("finish", frame(Type::finish, wire::Empty{}));
  put("list", frame(Type::list, std::get<wire::ListBegin>(all)));
  put("remove", frame(Type::remove, std::get<wire::Remove>(all)));
  put("disable", frame(Type::disable, std::get<wire::UserOnly>(all)));
  put("cameras", frame(Type::cameras, std::get<wire::UserOnly>(all)));
  put("preview_begin", frame(Type::preview_begin, std::get<wire::UserOnly>(all)));
  put("status", frame(Type::status, wire::Empty{}));
  put("log", frame(Type::log, std::get<wire::LogBegin>(all)));
  put("rekey", frame(Type::rekey, std::get<wire::Rekey>(all)));
  put("backup", frame(Type::backup, std::get<wire::BackupBegin>(all)));
  put("import_template", frame(Type::import_template, std::get<wire::ImportTemplate>(all)));
  put("restore", frame(Type::restore, std::get<wire::RestoreBegin>(all)));
  put("restore_chunk", frame(Type::restore_chunk, std::get<wire::RestoreChunk>(all)));
}

void answers() {
  const auto all = test::wire_samples();
  const auto put = [](const char* name, const Input& input) { write("wire_answers", name, input); };
  put("ack", frame(Type::ack, std::get<wire::Ack>(all)));
  put("ask", frame(Type::ask, std::get<wire::Ask>(all)));
  put("notice", frame(Type::notice, std::get<wire::NoticeBody>(all)));
  put("verdict", frame(Type::verdict, std::get<wire::VerdictBody>(all)));
  put("reported", frame(Type::reported, std::get<wire::Reported>(all)));
  put("image_result", frame(Type::image_result, std::get<wire::ImageResult>(all)));
  put("verify_result", frame(Type::verify_result, std::get<wire::VerifyResult>(all)));
  put("identify_result", frame(Type::identify_result, std::get<wire::IdentifyResult>(all)));
  put("list_user", frame(Type::list_user, std::get<wire::ListUser>(all)));
  put("list_template", frame(Type::list_template, std::get<wire::ListTemplate>(all)));
  put("status_result", frame(Type::status_result, std::get<wire::StatusResult>(all)));
  put("camera", frame(Type::camera, std::get<wire::CameraInfo>(all)));
  put("view", frame(Type::view, std::get<wire::View>(all)));
  put("failure", frame(Type::failure, std::get<wire::Failure>(all)));
  put("picture", frame(Type::picture, wire::Empty{}));
  put("done", frame(Type::done, wire::Empty{}));
  put("log_entry", frame(Type::log_entry, std::get<wire::LogEntry>(all)));
  put("log_check", frame(Type::log_check, std::get<wire::LogCheck>(all)));
  put("rekeyed", frame(Type::rekeyed, std::get<wire::Rekeyed>(all)));
  put("backup_chunk", frame(Type::backup_chunk, std::get<wire::BackupChunk>(all)));
  put("restore_result", frame(Type::restore_result, std::get<wire::RestoreResult>(all)));
}

void eye_packets() {
  const auto packet = [](const char* name, eye::Type type, const auto& body) {
    std::uint8_t out[eye::kPacketMax];
    const std::size_t size = eye::encode_packet(out, type, body);
    write("eye", name, {out, out + size});
  };
  packet("open_camera", eye::Type::open_camera, eye::OpenCamera{eye::Source::clip, 25, true, true, false, true});
  packet("encode_image", eye::Type::encode_image, eye::EncodeImage{true});
  packet("ping", eye::Type::ping, eye::Ping{1});
  packet("worker_died", eye::Type::worker_died, eye::WorkerDied{11});
  packet("ready", eye::Type::ready, eye::Ready{});
  packet("frame", eye::Type::frame, eye::Frame{1, 2, test::sample_sight(true)});
  packet("frame_without_face", eye::Type::frame, eye::Frame{1, 2, test::sample_sight(false)});
  packet("camera_failed", eye::Type::camera_failed, eye::CameraFailed{Errc::camera_unavailable, {"unplugged"}});
  packet("image", eye::Type::image, eye::Image{test::sample_sight(true)});
}

// `choice` as in fuzz_pam.cpp.
void pam_calls() {
  const Input ack = frame(Type::ack, wire::Ack{5000}), done = frame(Type::done, wire::Empty{});
  const Input password = frame(Type::ask, wire::Ask{wire::Asks::password}),
              enter = frame(Type::ask, wire::Ask{wire::Asks::enter});
  const Input scanning = frame(Type::notice, wire::NoticeBody{wire::Notice::scanning, 0, 0});
  const Input dark = frame(Type::notice, wire::NoticeBody{wire::Notice::frame_issue, 6, 0});
  const Input match = frame(Type::verdict, wire::VerdictBody{Verdict::match, text("alice"), true});
  const Input refused = frame(Type::verdict, wire::VerdictBody{Verdict::no_match, text("alice"), true});
  const Input stranger = frame(Type::verdict, wire::VerdictBody{Verdict::match, text("mallory"), true});
  const Input busy = frame(Type::failure, wire::Failure{Errc::busy, text("later")});
  const auto put = [](const char* name, std::uint8_t choice, const std::vector<Input>& frames) {
    Input input{choice};
    for (const Input& f : frames) input.insert(input.end(), f.begin(), f.end());
    write("pam", name, input);
  };
  put("match_by_face", 0, {ack, scanning, dark, match});
  put("match_by_password", 0, {ack, password, match});
  put("match_after_enter", 32, {ack, enter, scanning, match});
  put("first_pass_then_typed", 4, {ack, password, password, refused});
  put("conversation_fails", 64, {ack, password, refused});
  put("refused", 0, {ack, scanning, refused});
  put("busy", 0, {busy});
  put("premature_match", 0, {match});
  put("wrong_user", 0, {ack, stranger});
  put("ask_flood", 8, {ack, password, password, password, password, password, password, match});
  put("report", 2, {ack, frame(Type::reported, wire::Reported{Errc::ok, text("a face was registered")})});
  put("change_as_root", 1, {ack, done});
  put("change_as_user", 17, {ack, done, ack, done});
  put("change_without_password", 1, {ack, frame(Type::failure, wire::Failure{Errc::not_found, text("")})});
  const Input by_face{0}, by_both_after_enter{3 + 4};
  put("identify", 128, {by_face, ack, scanning, match});
  put("identify_after_enter", 128 + 32, {by_both_after_enter, ack, enter, scanning, password, stranger});
  put("identify_nobody", 128,
      {by_face, ack, frame(Type::verdict, wire::VerdictBody{Verdict::no_match, text(""), true})});
  put("identify_match_of_nobody", 128,
      {by_face, ack, frame(Type::verdict, wire::VerdictBody{Verdict::match, text(""), true})});
  Input cut = match;
  cut.resize(cut.size() / 2);
  put("dies_mid_answer", 0, {ack, cut});
}

}  // namespace

int main(int argc, char** argv) {
  only_checks = argc == 3 && argv[1] == std::string("--check");
  if (argc != 2 && !only_checks) {
    std::cerr << "usage: make_corpus [--check] DIR\n";
    return 2;
  }
  corpus_root = argv[argc - 1];
  requests();
  sequences();
  answers();
  eye_packets();
  pam_calls();
  write_parser_seeds();
  write_model_seeds();
  return corpus_failed ? 1 : 0;
}
