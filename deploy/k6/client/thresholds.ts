/** Holds in every scenario, however loaded the machine is: what was acked arrives at everybody, once and in order. */
export const nothingLost = {
  ringback_gaps: ['count==0'],
  ringback_repeats: ['count==0'],
  ringback_resyncs: ['count==0'],
  ringback_missed: ['count==0'],
  ringback_deliveries: ['count>0'],
};

/** Nothing is refused, and every request is answered well. */
export const nothingFails = {
  checks: ['rate==1'],
  http_req_failed: ['rate==0'],
  ringback_refused: ['count==0'],
};

/** One in a hundred may fail: a machine at its limit refuses, and says so. */
export const hardlyAnythingFails = { checks: ['rate>0.99'], http_req_failed: ['rate<0.01'] };

/**
 * What people notice: a second until they are in, a quarter of one between a click and the others. A list waits up to
 * two seconds until it has what its reader has just done.
 */
export const feelsQuick = {
  ringback_join_ms: ['p(95)<1000'],
  ringback_delivery_ms: ['p(95)<250'],
  'http_req_duration{name:createCall}': ['p(95)<500'],
  'http_req_duration{name:getEvents}': ['p(95)<500'],
  'http_req_duration{name:listCalls}': ['p(95)<2500'],
};

/** As the summary shows them. */
export const summaryTrendStats = ['min', 'med', 'p(95)', 'p(99)', 'max'];
