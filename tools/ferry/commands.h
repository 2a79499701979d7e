// The commands of `ferry`: one file each, one function each, which adds the subcommand and its callback to the app.
//
// A callback does its work or throws host::Failure (exit 1, one line on stderr). Wrong usage is CLI11's (exit 2). Every
// command has an example in its help (footer) and, with --json, prints nothing but JSON to stdout.
#pragma once

#include <CLI/CLI.hpp>

namespace ferry::tool {

void add_keys(CLI::App& app);
void add_product(CLI::App& app);
void add_provision(CLI::App& app);
void add_flash(CLI::App& app);
void add_release(CLI::App& app);
void add_inspect(CLI::App& app);
void add_verify(CLI::App& app);
void add_publish(CLI::App& app);
void add_serve(CLI::App& app);
void add_hub(CLI::App& app);
void add_hub_database(CLI::App& hub);  // below `ferry hub`
void add_delta(CLI::App& app);
void add_patch(CLI::App& app);
void add_pack(CLI::App& app);
void add_unpack(CLI::App& app);
void add_demo(CLI::App& app);

}  // namespace ferry::tool
