#!/usr/bin/env bash
# Builds mediasoup-worker from the source inside the npm package "mediasoup", for networks that reach neither GitHub (where
# mediasoup's installer finds the ready-made binary) nor Meson's WrapDB: only npm, PyPI and Debian's archive are used.
#
#   build.sh PACKAGE_DIR WORK_DIR OUT
#
#   PACKAGE_DIR  the unpacked npm package; not touched
#   WORK_DIR     scratch, about 500 MB; the caller removes it
#   OUT          the binary to write
#
# Tried on Debian 12, amd64. The apt packages that it needs are listed in ../src/setup/mediasoup.ts, which calls it.
# About ten CPU minutes.
set -euo pipefail

package_dir=$(realpath "$1")
mkdir -p "$2"
work_dir=$(realpath "$2")
out=$(realpath -m "$3")
here=$(dirname "$(realpath "$0")")

# What was looked at and built when this script was written. npm's lock file has checked the package already; this check is
# about *us*: the stand-ins and the patch below fit this very source and no other.
version=3.27.1
source_sha256=6b3120a012ae63b4e9b0c871d196775b0b268fb54170c168e578330f3fa458fa
libsrtp_tarball=libsrtp2_2.5.0.orig.tar.gz
libsrtp_sha256=8a43ef8e9ae2b665292591af62aa1a4ae41e468b6d98d8258f91478735da4e09
invoke_version=3.0.3

step() { echo "== $*"; }
die() {
  echo "error: $*" >&2
  exit 1
}

step "source of mediasoup $version"
# One hash over every file's name and hash, in an order that does not depend on the locale.
seen=$(cd "$package_dir" && find worker -path worker/out -prune -o -type f -print0 | LC_ALL=C sort -z |
  xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
[ "$seen" = "$source_sha256" ] ||
  die "the worker's source in $package_dir has sha256 $seen, expected $source_sha256 ($version)"
rm -rf "$work_dir/package"
mkdir -p "$work_dir/package"
cp -r "$package_dir/package.json" "$package_dir/worker" "$work_dir/package/"
worker=$work_dir/package/worker
subprojects=$worker/subprojects

step "stand-ins for what Meson would download"
# Where a subproject's folder is there already, Meson takes it and downloads nothing. Ours lead to Debian's -dev packages.
for name in libuv openssl flatbuffers abseil-cpp unordered-dense libsrtp3; do
  folder=$subprojects/$(sed -n 's/^directory *= *//p' "$subprojects/$name.wrap")
  mkdir -p "$folder"
  cp -r "$here/subprojects/$name/." "$folder/"
  cp "$here/subprojects/stub.c" "$folder/"
done

step "source of libsrtp 2.5 (Debian)"
# Debian's binary of libsrtp uses NSS instead of OpenSSL, so take the source. apt gets a set-up of its own with deb-src
# added; the machine's own stays as it is, and root is not needed.
apt=$work_dir/apt
mkdir -p "$apt/parts" "$apt/lists/partial" "$apt/cache/archives/partial"
found=
for list in /etc/apt/sources.list.d/{debian,ubuntu}.sources; do
  [ -e "$list" ] && sed 's/^Types: deb$/Types: deb-src/' "$list" > "$apt/parts/$(basename "$list")" && found=1
done
[ -n "$found" ] || sed -n 's/^deb /deb-src /p' /etc/apt/sources.list > "$apt/parts/main.list"
apt_get() {
  apt-get -o Dir::Etc::sourcelist=/nonexistent -o Dir::Etc::sourceparts="$apt/parts" -o Dir::State::lists="$apt/lists" \
    -o Dir::Cache="$apt/cache" -o APT::Sandbox::User="$(id -un)" "$@"
}
apt_get -qq update
(cd "$apt" && apt_get -qq source --download-only libsrtp2)
echo "$libsrtp_sha256  $apt/$libsrtp_tarball" | sha256sum --check --quiet - || die "$libsrtp_tarball is not what it was"
mkdir -p "$subprojects/libsrtp2"
tar xzf "$apt/$libsrtp_tarball" -C "$subprojects/libsrtp2" --strip-components=1

step "patch for an OpenSSL with kernel TLS"
# Debian builds OpenSSL with kernel TLS. Such an OpenSSL asks the outgoing BIO whether it does kernel TLS, and mediasoup's
# BIO callback, which compares with BIO_CB_RETURN where the value passed is BIO_CB_CTRL|BIO_CB_RETURN, answers 1 to every
# control: OpenSSL then allocates no write buffer and the first DTLS handshake crashes the worker.
dtls=$worker/src/RTC/DtlsTransport.cpp
[ "$(grep -c '(operationType == BIO_CB_RETURN)' "$dtls")" = 1 ] || die "onSslBioOut in DtlsTransport.cpp is not as expected"
sed -i 's/(operationType == BIO_CB_RETURN)/((operationType \& BIO_CB_RETURN) != 0)/' "$dtls"

step "compile"
# mediasoup's own tasks.py does it; it gets Meson and ninja from PyPI in the versions that it names.
cd "$work_dir/package"
export PYTHON=${PYTHON:-python3} PYTHONDONTWRITEBYTECODE=1
# nodownload: a subproject without a folder is an error, not a download. Static C++ runtime: the binary then runs on
# machines without g++'s libraries.
export MESON_ARGS="--wrap-mode=nodownload -Dcpp_link_args='-static-libstdc++ -static-libgcc'"
# Set by people who run mediasoup's build themselves; here they would lead the output elsewhere.
unset MEDIASOUP_WORKER_BIN MEDIASOUP_OUT_DIR MEDIASOUP_INSTALL_DIR BUILD_DIR
"$PYTHON" -m pip install --quiet --no-user --target "$worker/out/pip_invoke" "invoke==$invoke_version"
PYTHONPATH=$worker/out/pip_invoke "$PYTHON" -m invoke -r worker mediasoup-worker

step "check"
mkdir -p "$(dirname "$out")"
strip -o "$out" "$worker/out/Release/mediasoup-worker"
# Without MEDIASOUP_VERSION a worker that can run at all exits with 41: the check that mediasoup's installer makes too.
status=0
env -u MEDIASOUP_VERSION "$out" > /dev/null 2>&1 || status=$?
[ "$status" = 41 ] || die "the built worker exits with $status instead of 41"
step "done"
