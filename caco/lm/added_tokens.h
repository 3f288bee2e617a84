// Added tokens: texts that are cut out before everything else and have an id of their own.
//
// Matching is leftmost, then longest, as in the format's library, with its options: white space on
// either side may belong to the match, and a token may have to stand between other words. A match
// that an option refuses is passed over as a whole. Immutable after construction; thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caco::lm {

struct AddedToken {
  int32_t id = 0;
  std::string content;
  bool is_special = true;     // never part of a reply's text; not parsed in untrusted text
  bool single_word = false;   // only where no word character stands beside it
  bool strips_left = false;   // takes the white space before it
  bool strips_right = false;  // takes the white space behind it
  bool normalized = false;    // matched in the normalised text instead of the raw one
};

class AddedTokenMatcher {
 public:
  // A piece of text: of the added token `token`, or plain text when it is null.
  struct Piece {
    size_t begin = 0;
    size_t end = 0;
    const AddedToken* token = nullptr;
  };

  AddedTokenMatcher() { child_of_root_.fill(-1); }

  // Adds a token to be matched as `pattern`, which is its content or that normalised. Empty
  // patterns match nothing. `token` must outlive the matcher.
  void add(const AddedToken* token, std::string_view pattern);

  bool is_empty() const { return nodes_.empty(); }

  // Calls `take(piece)` for the pieces of `text` in order. `accepts(begin, end, token)` says
  // whether a match counts.
  template <typename Accepts, typename Take>
  void split(std::string_view text, const Accepts& accepts, const Take& take) const {
    size_t done = 0;
    Piece match;
    for (size_t from = 0; find(text, from, match); from = match.end) {
      if (!accepts(match.begin, match.end, *match.token)) continue;
      Piece piece = match;
      if (!apply_options(text, done, piece)) continue;
      if (done < piece.begin) take(Piece{done, piece.begin, nullptr});
      take(piece);
      done = piece.end;
    }
    if (done < text.size()) take(Piece{done, text.size(), nullptr});
  }

 private:
  struct Node {
    const AddedToken* token = nullptr;                // whose pattern ends here
    std::vector<std::pair<unsigned char, int>> next;  // few: a list is searched
  };

  int child(int node, unsigned char byte) const;
  bool find(std::string_view text, size_t from, Piece& match) const;
  static bool apply_options(std::string_view text, size_t done, Piece& piece);

  std::vector<Node> nodes_;
  std::array<int, 256> child_of_root_;
};

}  // namespace caco::lm
