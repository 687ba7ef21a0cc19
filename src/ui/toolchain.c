/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Front: which files a person's own tools would execute or obey later.
 *
 * A file that the run has changed and that is on this list leaves the cordon
 * when somebody types make, opens the editor or commits; it is listed apart
 * at the end of a run so that somebody looks at it first.
 */

#include "config.h"

#include <fnmatch.h>
#include <stddef.h>
#include <string.h>

#include "ui/exec.h"

/* Against the name of the file, whatever directory it is in. */
static const char *const names[] = {
    /* build systems and task runners */
    "Makefile",
    "makefile",
    "GNUmakefile",
    "*.mk",
    "Makefile.*",
    "*.am",
    "configure",
    "configure.ac",
    "autogen.sh",
    "CMakeLists.txt",
    "*.cmake",
    "CMakePresets.json",
    "meson.build",
    "meson_options.txt",
    "*.ninja",
    "BUILD",
    "BUILD.bazel",
    "WORKSPACE",
    "MODULE.bazel",
    "*.bzl",
    ".bazelrc",
    "SConstruct",
    "SConscript",
    "wscript",
    "xmake.lua",
    "premake5.lua",
    "build.zig",
    "Justfile",
    "justfile",
    ".justfile",
    "Taskfile.yml",
    "Taskfile.yaml",
    "Rakefile",
    "Thorfile",
    "Vagrantfile",
    "Tiltfile",
    "Earthfile",
    "magefile.go",
    "noxfile.py",
    "tasks.py",
    "dodo.py",
    /* languages and their package managers */
    "package.json",
    ".npmrc",
    ".yarnrc",
    ".yarnrc.yml",
    ".pnpmfile.cjs",
    "pnpm-workspace.yaml",
    "*.config.js",
    "*.config.cjs",
    "*.config.mjs",
    "*.config.ts",
    ".eslintrc.js",
    ".eslintrc.cjs",
    ".babelrc.js",
    ".mocharc.js",
    "gulpfile.js",
    "Gruntfile.js",
    "deno.json",
    "bunfig.toml",
    "setup.py",
    "setup.cfg",
    "pyproject.toml",
    "conftest.py",
    "tox.ini",
    "pytest.ini",
    "manage.py",
    "sitecustomize.py",
    "usercustomize.py",
    "*.pth",
    "pip.conf",
    "build.rs",
    "Cargo.toml",
    "rust-toolchain",
    "rust-toolchain.toml",
    "go.mod",
    "go.work",
    "*.gemspec",
    "Gemfile",
    ".rspec",
    "composer.json",
    "build.gradle",
    "build.gradle.kts",
    "settings.gradle",
    "settings.gradle.kts",
    "gradlew",
    "gradle.properties",
    "pom.xml",
    "mvnw",
    "build.sbt",
    "build.xml",
    "*.csproj",
    "*.fsproj",
    "*.vcxproj",
    "*.props",
    "*.targets",
    "NuGet.config",
    "mix.exs",
    "rebar.config",
    "Package.swift",
    "stack.yaml",
    "*.cabal",
    "Setup.hs",
    "dune-project",
    "Project.toml",
    ".Rprofile",
    "pubspec.yaml",
    /* shells, environments, debuggers, editors */
    ".envrc",
    ".env",
    ".bashrc",
    ".bash_profile",
    ".profile",
    ".zshrc",
    ".zshenv",
    ".tool-versions",
    "mise.toml",
    ".mise.toml",
    "flake.nix",
    "shell.nix",
    "default.nix",
    "devenv.nix",
    ".gdbinit",
    ".lldbinit",
    ".vimrc",
    ".nvimrc",
    ".exrc",
    ".nvim.lua",
    ".dir-locals.el",
    "*.code-workspace",
    ".editorconfig",
    "*.sublime-project",
    /* version control */
    ".gitattributes",
    ".gitmodules",
    ".gitconfig",
    ".hgrc",
    ".pre-commit-config.yaml",
    "lefthook.yml",
    ".lintstagedrc*",
    /* continuous integration and images */
    ".gitlab-ci.yml",
    ".travis.yml",
    "Jenkinsfile",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    ".drone.yml",
    "appveyor.yml",
    "cloudbuild.yaml",
    "Dockerfile",
    "Dockerfile.*",
    "Containerfile",
    "docker-compose*.yml",
    "compose.yaml",
    "compose.yml",
    "*.service",
    "Procfile",
    "*.tf",
    /* other agents */
    ".mcp.json",
    "AGENTS.md",
    "AGENTS.override.md",
    "CLAUDE.md",
    "GEMINI.md",
    ".cursorrules",
    ".windsurfrules",
};

/* A directory anywhere in the path whose content is obeyed. */
static const char *const dirs[] = {
    ".git",
    ".hg",
    ".svn",
    ".husky",
    ".githooks",
    "hooks",
    ".github",
    ".gitlab",
    ".circleci",
    ".buildkite",
    ".vscode",
    ".idea",
    ".fleet",
    ".zed",
    ".devcontainer",
    ".claude",
    ".codex",
    ".cursor",
    ".gemini",
    ".cordon",
    ".cargo",
    ".yarn",
    ".mvn",
    ".gradle",
    ".bundle",
    ".config",
    "node_modules",
    "site-packages",
    ".venv",
    "venv",
    ".direnv",
};

bool
toolchain_runs(const char *path)
{
	const char *name = strrchr(path, '/'), *p = path;
	size_t i, n;

	name = name == NULL ? path : name + 1;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (fnmatch(names[i], name, 0) == 0)
			return true;
	for (; p < name; p += n + 1) {
		n = strcspn(p, "/");
		for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
			if (strlen(dirs[i]) == n && memcmp(dirs[i], p, n) == 0)
				return true;
		if (n > 4 && memcmp(p + n - 4, ".git", 4) == 0)
			return true;
	}
	return false;
}
