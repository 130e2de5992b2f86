#pragma once

namespace antiphon::tools {

// A log of the small bank: C1 reads of savings and gets an SMS, reads again the next day and is silent by the weekly cap; he complains, and
// reads a third time. C2 opens an account. C3 is not known before April.
inline constexpr const char* kSmallLog =
    R"({"type":"customer.profile","time":"2026-03-02T08:00:00Z","id":"p1","customer_id":"C1","first_name":"Jan","phone":"1","birth_date":"1980-05-01"}
{"type":"consent.changed","time":"2026-03-02T08:00:00Z","id":"n1","customer_id":"C1","channel":"all","purpose":"marketing","granted":true}
{"type":"web.page_viewed","time":"2026-03-02T09:00:00Z","id":"v1","customer_id":"C1","path":"/savings"}
{"type":"web.page_viewed","time":"2026-03-02T09:01:00Z","id":"v2","customer_id":"C1","path":"/savings"}
{"type":"account.opened","time":"2026-03-02T09:01:30Z","id":"o1","customer_id":"C2","account_id":"A2"}
{"type":"web.page_viewed","time":"2026-03-02T09:02:00Z","id":"v3","customer_id":"C1","path":"/savings"}
{"type":"transaction.posted","time":"2026-03-02T10:00:00Z","id":"t1","customer_id":"C1","amount":1.00,"payload":{"balance":60000}}
{"type":"web.page_viewed","time":"2026-03-03T09:00:00Z","id":"v4","customer_id":"C1","path":"/savings"}
{"type":"web.page_viewed","time":"2026-03-03T09:01:00Z","id":"v5","customer_id":"C1","path":"/savings"}
not json
{"type":"web.page_viewed","time":"2026-03-03T09:02:00Z","id":"v6","customer_id":"C1","path":"/savings"}
{"type":"complaint.opened","time":"2026-03-20T09:00:00Z","id":"c1","customer_id":"C1","case_id":"K7"}
{"type":"web.page_viewed","time":"2026-03-21T09:00:00Z","id":"v7","customer_id":"C1","path":"/savings"}
{"type":"web.page_viewed","time":"2026-03-21T09:01:00Z","id":"v8","customer_id":"C1","path":"/savings"}
{"type":"account.opened","time":"2026-04-01T09:00:00Z","id":"o3","customer_id":"C3","account_id":"A3"}
)";

}  // namespace antiphon::tools
