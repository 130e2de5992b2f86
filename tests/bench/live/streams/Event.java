package retail1;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** The fields of one event that the rules read. Reused: read() replaces all of them. */
final class Event {
  enum Type { ACCOUNT_OPENED, TRANSACTION_POSTED, PAGE_VIEWED }

  private static final JsonFactory JSON = new JsonFactory();

  String id;
  Type type;
  long time;
  /** Bit of CustomerState.holds. */
  int product;
  boolean credit;
  boolean salary;
  /** Bit of the category, 0 for none. */
  int category;
  long amount;
  long balance;
  boolean mortgagePath;

  void read(byte[] line) {
    product = 0;
    credit = false;
    salary = false;
    category = 0;
    mortgagePath = false;
    try (JsonParser parser = JSON.createParser(line)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) throw new IllegalArgumentException("no object");
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        parser.nextToken();
        readField(name, parser);
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("not JSON", e);
    }
  }

  private void readField(String name, JsonParser parser) throws IOException {
    switch (name) {
      case "id" -> id = parser.getText();
      case "type" -> type = typeOf(parser.getText());
      case "time" -> time = parser.getLongValue();
      case "product" -> product = productOf(parser.getText());
      case "direction" -> credit = parser.getText().equals("credit");
      case "purpose" -> salary = parser.getText().equals("salary");
      case "category" -> category = categoryOf(parser.getText());
      case "amount" -> amount = parser.getLongValue();
      case "balance" -> balance = parser.getLongValue();
      case "path" -> mortgagePath = parser.getText().startsWith("/mortgage");
      default -> { }
    }
  }

  private static Type typeOf(String name) {
    return switch (name) {
      case "account.opened" -> Type.ACCOUNT_OPENED;
      case "transaction.posted" -> Type.TRANSACTION_POSTED;
      case "web.page_viewed" -> Type.PAGE_VIEWED;
      default -> throw new IllegalArgumentException("type " + name);
    };
  }

  private static int productOf(String name) {
    return switch (name) {
      case "current" -> CustomerState.CURRENT;
      case "savings" -> CustomerState.SAVINGS;
      case "card" -> CustomerState.CARD;
      case "loan" -> CustomerState.LOAN;
      case "mortgage" -> CustomerState.MORTGAGE;
      default -> throw new IllegalArgumentException("product " + name);
    };
  }

  private static int categoryOf(String name) {
    return switch (name) {
      case "" -> 0;
      case "groceries" -> 1;
      case "restaurants" -> 1 << 1;
      case "fuel" -> 1 << 2;
      case "transport" -> 1 << 3;
      case "clothing" -> 1 << 4;
      case "electronics" -> 1 << 5;
      case "pharmacy" -> 1 << 6;
      case "travel" -> 1 << 7;
      case "household" -> 1 << 8;
      case "utilities" -> 1 << 9;
      case "leisure" -> 1 << 10;
      case "children" -> 1 << 11;
      case "sports" -> 1 << 12;
      case "books" -> 1 << 13;
      case "pets" -> 1 << 14;
      case "services" -> 1 << 15;
      default -> throw new IllegalArgumentException("category " + name);
    };
  }
}
