/* SPDX-License-Identifier: Apache-2.0 */

int wrap_lines(int length, int width);
