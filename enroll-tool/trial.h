// A login that lets nobody in: does the face that was just registered work?
#pragma once

#include <enroll-tool/connection.h>
#include <enroll-tool/output.h>

#include <string>

namespace faceauth::enroll {

// Tells what came of it. Whatever that is, what was registered stays.
void try_login(Connection& connection, const Output& out, const std::string& user);

}  // namespace faceauth::enroll
