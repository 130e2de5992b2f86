#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "state/base/result.h"
#include "state/base/time.h"
#include "state/model/customer_state.h"
#include "state/model/partition_state.h"
#include "state/store/dictionary.h"

// The stored form of a customer's record. Source: docs/state.md, "The stored form". A change of this grammar is a new version, and the
// old one stays readable.
//
//   record    = version u8 (= 2) | sections u16 | newest_event time | arrivals v | decisions v | contact_records v | moments_opened v
//               | contacts_made v | timers_set v | section*
//   section   = v number of entries (> 0) | entry*        one per bit of `sections`, lowest first; an empty one has no bit and no byte
//   bit 0 recent ids      entry = hash | time             oldest first
//   bit 1 profile         entry = slot | time | scalar
//   bit 2 holdings        entry = slot | time since | text account
//   bit 3 features        entry = slot | v not_counted | time newest | v buckets | v scalars | bucket* | timed*
//         bucket = z index, less the one before (0 at first) | v (count << 1 | wide) | value: z, or u64 if wide
//         timed  = z index, less the one before (0 at first) | time | scalar
//   bit 4 segments        entry = slot | v class | time since
//   bit 5 consents        entry = slot channel or 0 | slot purpose | u8 granted | time
//   bit 6 contact points  entry = slot | u8 good | time
//   bit 7 suppressions    entry = slot | time opened | text case
//   bit 8 aftermaths      entry = slot | time until
//   bit 9 cooldowns       entry = slot | v what: the stored number where it refers to a slot | time until
//   bit 10 triggers       entry = slot | u8 fired | time last_fired | v runs_refused | v open | v waiting | v held | run* | run* | held*
//         run  = v place | u8 mark | time started | time last | text first event | v taken | v captures | taken* | scalar*
//         taken = z ordinal, less the one before (0 at first) | v step
//         held = slot event type | u8 backfill | time | v arrival | text source | text id | v fields | scalar*
//   bit 11 moments        entry = z number, less the one before | slot trigger | u8 flags | time opened | time expires
//                                 | text source | text cause | v values | (slot name | scalar)*
//         flags = has_contact (bit 0) | had_turn (bit 1)
//   bit 12 contacts       entry = z number, less the one before | u8 status | u8 kinds | u8 parts | hash id | slot channel, offer,
//                                 treatment, campaign, trigger, language, each or 0 | time decided, counted, due, expires, changed
//                                 | z cost | v moments | z moment, less the contact's moment before | parts present
//         kinds = direction (bits 0-1) | class (2-4) | withholding (5-6) | settled (7)
//         parts, in this order: bit 0 decision_id hash | 1 u8 facts, u8 attempt (else 0 and 1) | 2 actor: u8 kind, text id, text branch
//                 (else the system) | 3 interaction text | 4 foreign id text | 5 source system text | 6 foreign offer text
//   bit 13 timers         entry = u8 kind | time due | v sequence | v reference: slot for the kinds of a trigger, else a number
//   bit 14 page views     entry = time | u8 sensitive | text path
//   bit 15 decided        time of the last decision | v decisions made then (> 0); no number of entries
//
//   Version 1, which is read too, has no bit 15, and of a moment's flags the first alone.
//
//   v = unsigned LEB128, at most 64 bits; z = v of the zigzag; u8, u16, u64 little-endian; hash = low u64, high u64
//   text = v length | bytes; slot = v (0: none, else the stored number + 1), see dictionary.h
//   time = v: 0 the epoch, 1 kEngineTimeMax, 2 followed by i64, else 3 + zigzag of the milliseconds since the last time of the record
//          that was written in this way (0 at first)
//   scalar = u8 kind: 0 absent | 1 false | 2 true | 3 z | 4 u64 bits of a double | 5 text | 6 time | 7 z milliseconds
//
// The customer's key is the store's key and is not in the record. Equal records have equal bytes under one map, and a record read back
// equals the one written, to the bit. Entries are written in the record's order; after a change of topology the reader sorts them again.
namespace antiphon::store {

inline constexpr std::uint8_t kRecordVersion = 2;
inline constexpr std::uint8_t kRecordVersionOldest = 1;  // that is still read

// Appends the record's stored form to `out`. Linear in its size; no memory but what `out` needs.
// REQUIRES: every slot is of the topology of `map` (checked), vectors are in the order that customer_state.h states.
void EncodeCustomer(const state::CustomerState& customer, const SlotMap& map, std::string& out);

// What the reader did besides reading.
struct DecodeNote {
  bool dropped = false;  // something of a dropped slot stood there: the record differs from its stored form
};

// Reads a record into `customer`, whose key stays as it is, reusing its memory. What refers to a slot that the topology in force dropped
// is dropped: features, triggers with their runs and held events, moments of such a trigger and the timers of both, and every other entry
// named by its slot; a contact keeps its entry, with kNone for the dropped id. Bytes that are no record of a known version, or that name a
// slot unknown to the dictionary, give an Error (restart the task; stop the process for an unknown version), and `customer` is then
// unspecified but sound. Total: any bytes, memory in proportion to them.
[[nodiscard]] Result<DecodeNote> DecodeCustomerInto(std::string_view bytes, const SlotMap& map, state::CustomerState& customer);
[[nodiscard]] Result<state::CustomerState> DecodeCustomer(std::string_view bytes, const SlotMap& map);

// The state of a partition, for the caller's meta. Stored form: version u8 = 1 | time clock | time newest_backfill | v pauses
// | (u8 kind | slot, 0 for all | time since)*. A pause of a dropped slot is dropped.
void EncodePartition(const state::PartitionState& partition, const SlotMap& map, std::string& out);
[[nodiscard]] Result<state::PartitionState> DecodePartition(std::string_view bytes, const SlotMap& map);

}  // namespace antiphon::store
