dnl SPDX-License-Identifier: Apache-2.0
dnl CORDON_LIBS: every library of the design, each with its own variables, so
dnl that a program's LDADD is its privilege table.
AC_DEFUN([CORDON_LIBS], [
PKG_CHECK_MODULES([BSD], [libbsd-overlay])
PKG_CHECK_MODULES([MD], [libmd])
PKG_CHECK_MODULES([SECCOMP], [libseccomp >= 2.5])
PKG_CHECK_MODULES([CURL], [libcurl])
PKG_CHECK_MODULES([CARES], [libcares])
PKG_CHECK_MODULES([JANSSON], [jansson >= 2.13])
PKG_CHECK_MODULES([SODIUM], [libsodium])
PKG_CHECK_MODULES([NETTLE], [nettle])
PKG_CHECK_MODULES([SQLITE], [sqlite3])
PKG_CHECK_MODULES([PCRE2], [libpcre2-8 >= 10.34])
PKG_CHECK_MODULES([UTF8PROC], [libutf8proc])
PKG_CHECK_MODULES([MD4C], [md4c])
PKG_CHECK_MODULES([TINFO], [tinfo])
PKG_CHECK_MODULES([CMOCKA], [cmocka], [have_cmocka=yes], [have_cmocka=no])
PKG_CHECK_MODULES([VTERM], [vterm], [have_vterm=yes], [have_vterm=no])
AM_CONDITIONAL([HAVE_CMOCKA], [test "x$have_cmocka" = xyes])
AM_CONDITIONAL([HAVE_VTERM], [test "x$have_vterm" = xyes])

dnl Every program needs a little of these two.  A copy of that costs its start
dnl less than to find, map and bind them.
AC_CACHE_CHECK([whether small libraries can be copied in], [cordon_cv_copied], [
    cordon_save_LIBS=$LIBS
    LIBS="-l:libbsd.a -l:libmd.a $LIBS"
    AC_LINK_IFELSE([AC_LANG_PROGRAM(
        [[void setproctitle(const char *, ...);]],
        [[setproctitle("%s", "");]])],
        [cordon_cv_copied=yes], [cordon_cv_copied=no])
    LIBS=$cordon_save_LIBS])
AS_IF([test "x$cordon_cv_copied" = xyes], [
    BSD_LIBS=-l:libbsd.a
    MD_LIBS=-l:libmd.a])

dnl The tables of this one are large: main alone, which everybody waits for,
dnl has a copy, the others share it.
AC_CACHE_CHECK([whether libutf8proc can be too], [cordon_cv_copied_utf8], [
    cordon_save_LIBS=$LIBS
    LIBS="-l:libutf8proc.a $LIBS"
    AC_LINK_IFELSE([AC_LANG_PROGRAM(
        [[int utf8proc_charwidth(int);]], [[utf8proc_charwidth(32);]])],
        [cordon_cv_copied_utf8=yes], [cordon_cv_copied_utf8=no])
    LIBS=$cordon_save_LIBS])
MAIN_UTF8PROC_LIBS=$UTF8PROC_LIBS
AS_IF([test "x$cordon_cv_copied_utf8" = xyes],
    [MAIN_UTF8PROC_LIBS=-l:libutf8proc.a])
AC_SUBST([MAIN_UTF8PROC_LIBS])

dnl Who is started for each command, and links nothing but these, is linked
dnl whole where that can be: to find its libraries takes it longer than to start.
STATIC_LDFLAGS=-static-pie
AC_CACHE_CHECK([whether a program can be linked whole], [cordon_cv_static], [
    cordon_save_LDFLAGS=$LDFLAGS
    cordon_save_LIBS=$LIBS
    LDFLAGS="$LDFLAGS $HARDEN_LDFLAGS $MODE_LDFLAGS $STATIC_LDFLAGS"
    LIBS="$BSD_LIBS $MD_LIBS $UTF8PROC_LIBS $LIBS"
    AC_LINK_IFELSE([AC_LANG_PROGRAM(
        [[void setproctitle(const char *, ...);]],
        [[setproctitle("%s", "");]])],
        [cordon_cv_static=yes], [cordon_cv_static=no])
    LDFLAGS=$cordon_save_LDFLAGS
    LIBS=$cordon_save_LIBS])
AS_IF([test "x$cordon_cv_static" = xno], [STATIC_LDFLAGS=])
AC_SUBST([STATIC_LDFLAGS])

dnl What --version --json says about them.
cordon_libraries=
for cordon_lib in libbsd libmd libseccomp libcurl libcares jansson libsodium \
    nettle sqlite3 libpcre2-8 libutf8proc libmd4c tinfo; do
    AS_CASE([$cordon_lib], [libmd4c], [cordon_pc=md4c],
        [cordon_pc=$cordon_lib])
    cordon_libraries="${cordon_libraries:+$cordon_libraries, }$cordon_lib dnl
$($PKG_CONFIG --modversion $cordon_pc)"
done
AC_DEFINE_UNQUOTED([CORDON_LIBRARIES], ["$cordon_libraries"],
    [The libraries of this build with their versions.])
])
