package retail1;

import static retail1.CustomerState.CARD;
import static retail1.CustomerState.COUNT;
import static retail1.CustomerState.CURRENT;
import static retail1.CustomerState.LOAN;
import static retail1.CustomerState.MORTGAGE;
import static retail1.CustomerState.SALARIES;
import static retail1.CustomerState.SAVINGS;
import static retail1.CustomerState.SUM;

import java.nio.charset.StandardCharsets;

/** Sections 3 to 7 of the workload: what an event or a due timer does to the state of its customer, and the lines that come of it. */
final class Rules {
  /** Takes the output lines. */
  interface Output {
    void decision(byte[] customer, byte[] line, long time);

    void contact(byte[] customer, byte[] line, long time);
  }

  private enum Trigger {
    MORTGAGE_INTEREST("mortgage_interest", "mortgage_advice", "mortgage_refix", "building_savings"),
    SALARY_LEAVES("salary_leaves", "savings_sweep", "card_cashback", "premium_account"),
    ACCOUNT_UNUSED("account_unused", "first_steps", "activation_bonus", "app_tutorial"),
    LARGE_DEPOSIT("large_deposit", "term_deposit", "fund_plan", "loan_prepayment"),
    BALANCE_DROP("balance_drop", "overdraft", "consumer_loan", "budget_coach");

    final String name;
    final String[] offers;

    Trigger(String name, String... offers) {
      this.name = name;
      this.offers = offers;
    }
  }

  private static final long HOUR_MS = 3_600_000;
  private static final long DAY_MS = 24 * HOUR_MS;
  private static final long SALARY_RUN_MS = 3 * DAY_MS;
  private static final long UNUSED_AFTER_MS = 14 * DAY_MS;
  private static final long BALANCE_FLOOR = 1_000_000;
  private static final int VIEWS_MIN = 3;

  private final Output output;
  private final long[] scores = new long[3];
  private final StringBuilder text = new StringBuilder(512);

  Rules(Output output) {
    this.output = output;
  }

  /** Whether the state changed. REQUIRES: no run of the customer is due at or before the event's time. */
  boolean onEvent(byte[] customer, CustomerState state, Event event) {
    switch (event.type) {
      case ACCOUNT_OPENED -> onOpened(state, event);
      case TRANSACTION_POSTED -> onTransaction(customer, state, event);
      case PAGE_VIEWED -> {
        if (!event.mortgagePath) return false;
        onMortgageView(customer, state, event);
      }
    }
    return true;
  }

  /** The unused run of the customer is due. */
  void onUnusedDue(byte[] customer, CustomerState state) {
    long due = state.unusedDue;
    state.unusedDue = 0;
    decide(Trigger.ACCOUNT_UNUSED, customer, state, "", due);
  }

  private void onOpened(CustomerState state, Event event) {
    if (state.openedAt == 0) state.openedAt = event.time;
    state.holds |= event.product;
    state.unusedDue = event.time + UNUSED_AFTER_MS;
  }

  private void onMortgageView(byte[] customer, CustomerState state, Event event) {
    state.mortgageViews.add(state.mortgageViews.today(event.time), COUNT, 1);
    if (state.mortgageViews.sum(COUNT, event.time) >= VIEWS_MIN) {
      decide(Trigger.MORTGAGE_INTEREST, customer, state, event.id, event.time);
    }
  }

  private void onTransaction(byte[] customer, CustomerState state, Event event) {
    boolean dropped = state.hasTransaction && state.lastBalance >= BALANCE_FLOOR && event.balance < BALANCE_FLOOR;
    state.hasTransaction = true;
    state.lastBalance = event.balance;
    state.unusedDue = 0;
    if (event.credit) {
      onCredit(customer, state, event);
    } else {
      onDebit(customer, state, event);
    }
    if (dropped) decide(Trigger.BALANCE_DROP, customer, state, event.id, event.time);
  }

  private void onCredit(byte[] customer, CustomerState state, Event event) {
    int today = state.credits.today(event.time);
    state.credits.add(today, COUNT, 1);
    state.credits.add(today, SUM, event.amount);
    if (event.salary) {
      state.credits.add(today, SALARIES, event.amount);
      state.salaryAmount = event.amount;
      state.salaryTime = event.time;
    }
    if (event.amount * state.credits.sum(COUNT, event.time) > 5 * state.credits.sum(SUM, event.time)) {
      decide(Trigger.LARGE_DEPOSIT, customer, state, event.id, event.time);
    }
  }

  private void onDebit(byte[] customer, CustomerState state, Event event) {
    int today = state.debits.today(event.time);
    state.debits.add(today, COUNT, 1);
    state.debits.addBits(today, CustomerState.CATEGORIES, event.category);
    if (state.salaryTime == 0) return;
    if (event.time - state.salaryTime >= SALARY_RUN_MS) {
      state.salaryTime = 0;
    } else if (event.amount * 10 >= state.salaryAmount * 8) {
      state.salaryTime = 0;
      decide(Trigger.SALARY_LEAVES, customer, state, event.id, event.time);
    }
  }

  private void decide(Trigger trigger, byte[] customer, CustomerState state, String event, long now) {
    score(trigger, state, now);
    int best = -1;
    for (int i = 0; i < scores.length; ++i) {
      if (scores[i] < 0) continue;
      boolean better = best < 0 || scores[i] > scores[best]
          || (scores[i] == scores[best] && trigger.offers[i].compareTo(trigger.offers[best]) < 0);
      if (better) best = i;
    }
    long sendAt = sendAt(now);
    String reason = "chosen";
    if (best < 0) {
      reason = "no_eligible_offer";
    } else if (state.contactsWithin(7 * DAY_MS, sendAt) >= 1) {
      reason = "cap_7d";
    } else if (state.contactsWithin(30 * DAY_MS, sendAt) >= 3) {
      reason = "cap_30d";
    }
    ++state.decisions;
    String name = new String(customer, StandardCharsets.UTF_8);
    output.decision(customer, decisionLine(name, state.decisions, trigger, event, now, reason, best), now);
    if (!reason.equals("chosen")) return;
    ++state.contacts;
    state.addContact(now, sendAt, trigger.ordinal() * scores.length + best, scores[best]);
    output.contact(customer, contactLine(name, state, trigger, now, sendAt, best), now);
  }

  private static long sendAt(long now) {
    long midnight = now / DAY_MS * DAY_MS;
    long timeOfDay = now - midnight;
    if (timeOfDay < 8 * HOUR_MS) return midnight + 8 * HOUR_MS;
    if (timeOfDay < 20 * HOUR_MS) return now;
    return midnight + DAY_MS + 8 * HOUR_MS;
  }

  /** Section 5: scores in the order of the trigger's offers. */
  private void score(Trigger trigger, CustomerState state, long now) {
    long salary = state.credits.sum(SALARIES, now);
    long balance = state.lastBalance;
    long debits = state.debits.sum(COUNT, now);
    long categories = state.debits.bits(CustomerState.CATEGORIES, now);
    switch (trigger) {
      case MORTGAGE_INTEREST -> {
        long views = state.mortgageViews.sum(COUNT, now);
        offer(0, !state.holds(MORTGAGE) && salary >= 6_000_000, Math.min(900, 100 + 50 * views), Math.min(salary / 50, 400_000));
        offer(1, state.holds(MORTGAGE) && now - state.openedAt >= 30 * DAY_MS, Math.min(600, 80 + 40 * views), 250_000);
        offer(2, !state.holds(SAVINGS) && balance >= 500_000, 120 + 10 * categories, Math.min(balance / 20, 150_000));
      }
      case SALARY_LEAVES -> {
        offer(0, !state.holds(SAVINGS), 200 + 5 * Math.min(debits, 40), 5_000 + Math.min(balance / 80, 40_000));
        offer(1, !state.holds(CARD) && categories >= 3, 150 + 20 * categories, 18_000);
        offer(2, salary >= 10_000_000, 90, Math.min(salary / 100, 200_000));
      }
      case ACCOUNT_UNUSED -> {
        offer(0, true, 300, 12_000);
        offer(1, !state.holds(LOAN), 250 + 5 * Math.min(debits, 40), 15_000);
        offer(2, now - state.openedAt < 30 * DAY_MS, 400, 9_000);
      }
      case LARGE_DEPOSIT -> {
        offer(0, balance >= 5_000_000, Math.min(700, 200 + balance / 1_000_000), Math.min(balance / 100, 500_000));
        offer(1, !state.holds(LOAN) && salary > 0, 140 + 10 * categories, Math.min(balance / 60, 600_000));
        offer(2, state.holds(LOAN), 260, 90_000);
      }
      case BALANCE_DROP -> {
        offer(0, salary >= 3_000_000 && !state.holds(LOAN), 180 + 3 * Math.min(debits, 60), 30_000);
        offer(1, salary >= 5_000_000 && state.holds(CURRENT), 130, Math.min(salary / 40, 250_000));
        offer(2, categories >= 2, 350, 8_000);
      }
    }
  }

  private void offer(int place, boolean eligible, long propensity, long value) {
    scores[place] = eligible ? propensity * value : -1;
  }

  private byte[] decisionLine(String customer, long number, Trigger trigger, String event, long now, String reason, int best) {
    text.setLength(0);
    text.append("{\"decision_id\":\"").append(customer).append("-d").append(number);
    text.append("\",\"customer\":\"").append(customer);
    text.append("\",\"trigger\":\"").append(trigger.name);
    text.append("\",\"event\":\"").append(event);
    text.append("\",\"time\":").append(now);
    text.append(",\"outcome\":\"").append(reason.equals("chosen") ? "chosen" : "suppressed");
    text.append("\",\"reason\":\"").append(reason);
    text.append("\",\"offer\":\"").append(best < 0 ? "" : trigger.offers[best]);
    text.append("\",\"score\":").append(best < 0 ? -1 : scores[best]);
    text.append(",\"candidates\":[");
    for (int i = 0; i < scores.length; ++i) {
      text.append(i == 0 ? "{\"offer\":\"" : ",{\"offer\":\"").append(trigger.offers[i]);
      text.append("\",\"score\":").append(scores[i]).append('}');
    }
    return text.append("]}").toString().getBytes(StandardCharsets.UTF_8);
  }

  private byte[] contactLine(String customer, CustomerState state, Trigger trigger, long now, long sendAt, int best) {
    text.setLength(0);
    text.append("{\"contact_id\":\"").append(customer).append("-c").append(state.contacts);
    text.append("\",\"decision_id\":\"").append(customer).append("-d").append(state.decisions);
    text.append("\",\"customer\":\"").append(customer);
    text.append("\",\"trigger\":\"").append(trigger.name);
    text.append("\",\"offer\":\"").append(trigger.offers[best]);
    text.append("\",\"time\":").append(now);
    text.append(",\"send_at\":").append(sendAt);
    text.append(",\"score\":").append(scores[best]);
    return text.append('}').toString().getBytes(StandardCharsets.UTF_8);
  }
}
