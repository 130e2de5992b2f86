#include "engine/decision/reused_list.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace antiphon::decision {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Note {
  std::string text;
  int number = 7;
  ReusedList<std::string> parts = {};
};

const std::string kLong(100, 'x');

TEST(ReusedListTest, GivesAsNewWhatItKept) {
  ReusedList<Note> notes;
  Note& first = notes.Add();
  first.text = kLong;
  first.number = 1;
  first.parts.Add() = kLong;
  notes.clear();
  EXPECT_TRUE(notes.empty());
  const Note& again = notes.Add();
  EXPECT_EQ(again.text, "");
  EXPECT_EQ(again.number, 7);
  EXPECT_THAT(again.parts, IsEmpty());
  EXPECT_EQ(notes.size(), 1U);
}

TEST(ReusedListTest, KeepsTheMemoryOfItsItemsAndOfTheirLists) {
  ReusedList<Note> notes;
  notes.Add().text = kLong;
  notes.back().parts.Add() = kLong;
  const char* const text = notes[0].text.data();
  const char* const part = notes[0].parts[0].data();
  notes.clear();
  notes.Add().text = kLong;
  notes.back().parts.Add() = kLong;
  EXPECT_EQ(notes[0].text.data(), text);
  EXPECT_EQ(notes[0].parts[0].data(), part);
}

TEST(ReusedListTest, CopiesWhatItHoldsAndNotWhatItKeeps) {
  ReusedList<std::string> list;
  list.Add() = "a";
  list.Add() = "b";
  list.clear();
  list.Add() = "c";
  ReusedList<std::string> copy(list);
  EXPECT_THAT(copy, ElementsAre("c"));
  copy.Add() = "d";
  list = copy;
  EXPECT_THAT(list, ElementsAre("c", "d"));
  list = ReusedList<std::string>();
  EXPECT_THAT(list, IsEmpty());
}

TEST(ReusedListTest, IsEmptyOnceMovedAway) {
  ReusedList<std::string> list;
  list.Add() = "a";
  const ReusedList<std::string> taken(std::move(list));
  EXPECT_THAT(taken, ElementsAre("a"));
  EXPECT_TRUE(list.empty());  // NOLINT(bugprone-use-after-move): that is the promise
}

}  // namespace
}  // namespace antiphon::decision
