// Shared by the parts of make_corpus.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

// Whether a seed is the same whatever libraries this was built with; an encoder's output is not.
enum class Seed : std::uint8_t { ours, of_a_library };

// corpus/TARGET/NAME
void write_seed(const std::string& target, const std::string& name, const std::vector<std::uint8_t>& input,
                Seed kind = Seed::ours);

// Of a file that must be there.
std::vector<std::uint8_t> bytes_in(const std::filesystem::path& file);

// The program's exit says so.
void corpus_fails(const std::string& why);

void write_parser_seeds();  // of files and records
void write_model_seeds();   // of networks
