# SPDX-License-Identifier: Apache-2.0
#
# Homebrew on Linux.  Checked for syntax, not run: there is no released
# tarball yet, so url and sha256 are to be set at the first release.
class Cordon < Formula
  desc "Coding agent that cannot leave the cordon"
  homepage "https://cordon.invalid"
  url "https://cordon.invalid/cordon-0.1.0.tar.xz"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  license "Apache-2.0"

  depends_on "mandoc" => :build
  depends_on "pkgconf" => :build
  depends_on "c-ares"
  depends_on "curl"
  depends_on "jansson"
  depends_on "libbsd"
  depends_on "libmd"
  depends_on "libseccomp" => :build
  depends_on "libsodium"
  depends_on :linux
  depends_on "md4c"
  depends_on "ncurses"
  depends_on "nettle"
  depends_on "pcre2"
  depends_on "sqlite"
  depends_on "utf8proc"

  def install
    system "./configure", *std_configure_args,
           "--sysconfdir=#{etc}", "zshcompdir=#{zsh_completion}"
    system "make", "install"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/cordon --version")
    assert_match "draft/2020-12", shell_output("#{bin}/cordon config schema")
  end
end
