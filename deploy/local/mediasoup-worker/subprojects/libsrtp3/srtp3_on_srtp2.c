/* libsrtp 3's interface on top of libsrtp 2.  This file sees libsrtp 2's
 * header only; the prototypes in include/srtp.h use types of the same size. */
#include <srtp2/srtp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_SMALL ((srtp_err_status_t)28)

struct ms_srtp_policy {
  srtp_policy_t v2;
  srtp_profile_t profile;
  uint8_t key[SRTP_MAX_KEY_LEN];
  bool has_key;
};

srtp_err_status_t ms_srtp_init(void) { return srtp_init(); }
srtp_err_status_t ms_srtp_shutdown(void) { return srtp_shutdown(); }
const char *ms_srtp_get_version_string(void) { return srtp_get_version_string(); }

srtp_err_status_t ms_srtp_install_event_handler(srtp_event_handler_func_t *func) {
  return srtp_install_event_handler(func);
}

size_t ms_srtp_profile_get_master_key_length(srtp_profile_t profile) {
  return srtp_profile_get_master_key_length(profile);
}

size_t ms_srtp_profile_get_master_salt_length(srtp_profile_t profile) {
  return srtp_profile_get_master_salt_length(profile);
}

srtp_err_status_t ms_srtp_policy_create(struct ms_srtp_policy **policy) {
  *policy = calloc(1, sizeof(**policy));
  return *policy ? srtp_err_status_ok : srtp_err_status_alloc_fail;
}

void ms_srtp_policy_destroy(struct ms_srtp_policy *policy) {
  if (policy) {
    volatile uint8_t *p = policy->key;
    for (size_t i = 0; i < sizeof(policy->key); ++i) p[i] = 0;
    free(policy);
  }
}

srtp_err_status_t ms_srtp_policy_set_ssrc(struct ms_srtp_policy *policy, srtp_ssrc_t ssrc) {
  policy->v2.ssrc = ssrc;
  return srtp_err_status_ok;
}

srtp_err_status_t ms_srtp_policy_set_profile(struct ms_srtp_policy *policy, srtp_profile_t profile) {
  srtp_err_status_t err =
      srtp_crypto_policy_set_from_profile_for_rtp(&policy->v2.rtp, profile);
  if (err) return err;
  policy->profile = profile;
  return srtp_crypto_policy_set_from_profile_for_rtcp(&policy->v2.rtcp, profile);
}

srtp_err_status_t ms_srtp_policy_add_key(struct ms_srtp_policy *policy,
                                         const uint8_t *key, size_t key_len,
                                         const uint8_t *salt, size_t salt_len,
                                         const uint8_t *mki, size_t mki_len) {
  (void)mki;
  if (policy->has_key || mki_len != 0 || key_len + salt_len > sizeof(policy->key) ||
      key_len != srtp_profile_get_master_key_length(policy->profile) ||
      salt_len != srtp_profile_get_master_salt_length(policy->profile))
    return srtp_err_status_bad_param;
  memcpy(policy->key, key, key_len);
  memcpy(policy->key + key_len, salt, salt_len);
  policy->has_key = true;
  return srtp_err_status_ok;
}

srtp_err_status_t ms_srtp_policy_set_allow_repeat_tx(struct ms_srtp_policy *policy, bool allow) {
  policy->v2.allow_repeat_tx = allow;
  return srtp_err_status_ok;
}

srtp_err_status_t ms_srtp_policy_set_window_size(struct ms_srtp_policy *policy, size_t size) {
  policy->v2.window_size = size;
  return srtp_err_status_ok;
}

srtp_err_status_t ms_srtp_create(srtp_t *session, struct ms_srtp_policy *policy) {
  srtp_err_status_t err;
  if (!policy->has_key) return srtp_err_status_bad_param;
  policy->v2.key = policy->key;
  policy->v2.next = NULL;
  err = srtp_create(session, &policy->v2);
  policy->v2.key = NULL;
  return err;
}

srtp_err_status_t ms_srtp_dealloc(srtp_t session) { return srtp_dealloc(session); }

srtp_err_status_t ms_srtp_stream_remove(srtp_t session, uint32_t ssrc) {
  return srtp_remove_stream(session, ssrc);
}

typedef srtp_err_status_t (*in_place)(srtp_t, void *, int *);

static srtp_err_status_t run(in_place f, srtp_t session, const uint8_t *in, size_t in_len,
                             uint8_t *out, size_t *out_len, size_t extra) {
  int len = (int)in_len;
  srtp_err_status_t err;
  if (in_len > INT32_MAX / 2 || *out_len < in_len + extra) return BUFFER_SMALL;
  if (out != in) memmove(out, in, in_len);
  err = f(session, out, &len);
  if (!err) *out_len = (size_t)len;
  return err;
}

srtp_err_status_t ms_srtp_protect(srtp_t session, const uint8_t *in, size_t in_len,
                                  uint8_t *out, size_t *out_len, size_t mki_index) {
  (void)mki_index;
  return run(srtp_protect, session, in, in_len, out, out_len, SRTP_MAX_TRAILER_LEN);
}

srtp_err_status_t ms_srtp_unprotect(srtp_t session, const uint8_t *in, size_t in_len,
                                    uint8_t *out, size_t *out_len) {
  return run(srtp_unprotect, session, in, in_len, out, out_len, 0);
}

srtp_err_status_t ms_srtp_protect_rtcp(srtp_t session, const uint8_t *in, size_t in_len,
                                       uint8_t *out, size_t *out_len, size_t mki_index) {
  (void)mki_index;
  return run(srtp_protect_rtcp, session, in, in_len, out, out_len, SRTP_MAX_TRAILER_LEN + 4);
}

srtp_err_status_t ms_srtp_unprotect_rtcp(srtp_t session, const uint8_t *in, size_t in_len,
                                         uint8_t *out, size_t *out_len) {
  return run(srtp_unprotect_rtcp, session, in, in_len, out, out_len, 0);
}
