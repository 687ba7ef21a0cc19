dnl SPDX-License-Identifier: Apache-2.0

dnl CORDON_TRY_CFLAG(VARIABLE, FLAG): appends FLAG where the compiler takes
dnl it.  -Werror makes clang refuse what it would only warn about.
AC_DEFUN([CORDON_TRY_CFLAG], [
AS_VAR_PUSHDEF([cache], [cordon_cv_cflag_$2])
AC_CACHE_CHECK([whether $CC accepts $2], [cache], [
    cordon_save_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -Werror $2"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[]], [[]])],
        [AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
    CFLAGS=$cordon_save_CFLAGS])
AS_VAR_IF([cache], [yes], [$1="$$1 $2"])
AS_VAR_POPDEF([cache])
])

dnl CORDON_TRY_LDFLAG(VARIABLE, FLAG): the same for the linker.
AC_DEFUN([CORDON_TRY_LDFLAG], [
AS_VAR_PUSHDEF([cache], [cordon_cv_ldflag_$2])
AC_CACHE_CHECK([whether the linker accepts $2], [cache], [
    cordon_save_LDFLAGS=$LDFLAGS
    LDFLAGS="$LDFLAGS -Werror $2"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([[]], [[]])],
        [AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
    LDFLAGS=$cordon_save_LDFLAGS])
AS_VAR_IF([cache], [yes], [$1="$$1 $2"])
AS_VAR_POPDEF([cache])
])

dnl CORDON_FLAGS: language, warnings, hardening, sanitizers; each probed.
AC_DEFUN([CORDON_FLAGS], [
WARN_CFLAGS=
HARDEN_CFLAGS=
HARDEN_LDFLAGS=
MODE_CFLAGS=
MODE_LDFLAGS=
m4_foreach_w([flag], [-Wall -Wextra -Wshadow -Wconversion -Wsign-conversion
    -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith
    -Wcast-qual -Wwrite-strings -Wundef -Wvla -Wimplicit-fallthrough
    -Wswitch-enum],
    [CORDON_TRY_CFLAG([WARN_CFLAGS], flag)])
AS_IF([test "x$enable_werror" = xyes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
CORDON_TRY_CFLAG([HARDEN_CFLAGS], [-fstack-protector-strong])
CORDON_TRY_CFLAG([HARDEN_CFLAGS], [-fstack-clash-protection])
CORDON_TRY_CFLAG([HARDEN_CFLAGS], [-fcf-protection=full])
CORDON_TRY_CFLAG([HARDEN_CFLAGS], [-fPIE])
CORDON_TRY_CFLAG([HARDEN_CFLAGS], [-fvisibility=hidden])
CORDON_TRY_CFLAG([HARDEN_CFLAGS], [-fno-common])
CORDON_TRY_LDFLAG([HARDEN_LDFLAGS], [-pie])
CORDON_TRY_LDFLAG([HARDEN_LDFLAGS], [-Wl,-z,relro])
CORDON_TRY_LDFLAG([HARDEN_LDFLAGS], [-Wl,-z,now])
CORDON_TRY_LDFLAG([HARDEN_LDFLAGS], [-Wl,-z,noexecstack])
CORDON_TRY_LDFLAG([HARDEN_LDFLAGS], [-Wl,--as-needed])
AS_IF([test "x$enable_sanitize" != xno], [
    CORDON_TRY_CFLAG([MODE_CFLAGS], [-fno-omit-frame-pointer])
    MODE_CFLAGS="$MODE_CFLAGS -fsanitize=$enable_sanitize"
    MODE_CFLAGS="$MODE_CFLAGS -fno-sanitize-recover=undefined"
    MODE_LDFLAGS="$MODE_LDFLAGS -fsanitize=$enable_sanitize"
], [
    dnl FORTIFY needs optimisation and replaces a distribution's own level.
    CORDON_TRY_CFLAG([HARDEN_CFLAGS],
        [-O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3])
])
AS_IF([test "x$enable_fuzzing" = xyes], [
    CORDON_TRY_CFLAG([MODE_CFLAGS], [-fsanitize=fuzzer-no-link])])
AS_IF([test "x$enable_coverage" = xyes], [
    MODE_CFLAGS="$MODE_CFLAGS --coverage"
    MODE_LDFLAGS="$MODE_LDFLAGS --coverage"])
AC_SUBST([WARN_CFLAGS])
AC_SUBST([HARDEN_CFLAGS])
AC_SUBST([HARDEN_LDFLAGS])
AC_SUBST([MODE_CFLAGS])
AC_SUBST([MODE_LDFLAGS])
])
