dnl SPDX-License-Identifier: Apache-2.0
dnl CORDON_OPTIONS: the switches of configure that change how we build.
AC_DEFUN([CORDON_OPTIONS], [
AC_ARG_ENABLE([werror],
    [AS_HELP_STRING([--enable-werror], [warnings are errors (CI)])],
    [], [enable_werror=no])
AC_ARG_ENABLE([sanitize],
    [AS_HELP_STRING([--enable-sanitize=LIST],
        [build with the sanitizers in LIST, such as address,undefined])],
    [], [enable_sanitize=no])
AC_ARG_ENABLE([fuzzing],
    [AS_HELP_STRING([--enable-fuzzing],
        [link the fuzz targets with libFuzzer (clang only)])],
    [], [enable_fuzzing=no])
AC_ARG_ENABLE([coverage],
    [AS_HELP_STRING([--enable-coverage], [instrument for gcov])],
    [], [enable_coverage=no])
AS_IF([test "x$enable_sanitize" = xyes],
    [enable_sanitize=address,undefined])
AM_CONDITIONAL([FUZZING], [test "x$enable_fuzzing" = xyes])
AM_CONDITIONAL([SANITIZE], [test "x$enable_sanitize" != xno])
AS_IF([test "x$enable_sanitize" != xno],
    [AC_DEFINE([CORDON_SANITIZED], [1],
        [Built with a sanitizer: its run-time needs more system calls.])])
])
