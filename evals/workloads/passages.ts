/** Prose for long contexts: a handbook, and passages such as a retriever brings along. Our own text. */

export const PASSAGES: readonly string[] = [
  'Deliveries are accepted at the rear entrance between seven in the morning and noon. Drivers report to the gate, receive a visitor badge and leave it there when they go. Pallets that are higher than two metres are unloaded by the warehouse team only, with the large lift truck, and never by the driver alone.',
  'The canteen opens for breakfast and lunch on working days. Meals are paid with the company badge, and the amount is taken from the salary at the end of the month. Guests are invited by their host, who pays for them in the same way. Allergens are listed on the board beside the counter and on the intranet.',
  'Meeting rooms are booked in the calendar. A room that nobody has entered ten minutes after the booked time is free again. The large hall on the ground floor is given out by the front desk, since its partition takes half an hour to move and its projector has to be warmed up before it is used.',
  'Every laptop is encrypted and locks itself after five minutes. A lost device is reported to the help desk at once, also at night, because its access can then be withdrawn within the hour. Private storage media may not be connected. Software is installed from the catalogue; what is missing there can be requested with a short reason.',
  'Business trips are approved before they are booked. Trains are preferred where the journey takes less than five hours. Hotels are booked through the portal, which knows the agreed rates. Receipts are handed in within thirty days, sorted by date, and amounts in other currencies are converted at the rate of the day of payment.',
  'Visitors sign in at the front desk, wear their badge in the open and are accompanied at all times in the laboratory wing. Photographs are not allowed there. In an alarm visitors follow their host to the assembly point on the lawn behind the east building, where the host tells the fire warden their names.',
  'Waste is collected in four fractions: paper, packaging, glass and the rest. Batteries and light bulbs go into the red boxes in the copy rooms. Confidential paper belongs into the locked bins, which a contractor empties twice a week and shreds on site in the presence of one of our own people.',
  'Our records of an order show each step from payment to delivery with the time of day and the person who handled it. They are kept for ten years as the law asks. Corrections are added as new entries, and nothing is ever overwritten, so that both sides can see later what was agreed and when it was changed.',
  'A replacement is sent on the same day when it is in stock and when the request comes in before two in the afternoon. The faulty article travels back in the same box with the label that lies inside. Nothing has to be paid for that, and the new warranty begins with the day on which the replacement arrives.',
  'You will receive a message with a number by which the parcel can be followed. Should nobody be at home, the carrier tries again on the next working day and then leaves the parcel in a shop nearby for one week. The message tells the address of the shop and its opening hours, and an identity card is needed there.',
  'The quarterly figures are closed on the fifth working day. Departments send their accruals two days before, with a note on each item of more than one thousand. Questions from the auditors are answered by the controller. Later changes are booked in the next quarter and explained in the commentary that goes to the board.',
  'New colleagues meet their mentor on the first morning. The mentor shows them the building, explains the tools and is there for questions during the first three months. After four weeks there is a talk about the start, after three months another one about goals, both with the team lead and with notes that both sides sign.',
  'The pool of bicycles stands in the yard beside the main building. A bicycle is unlocked with the badge and can be kept until the evening. Tyres are pumped on Mondays. Damage is written on the tag and the bicycle is put into the left rack, where the workshop collects it; nobody should ride it before it is repaired.',
  'Samples are labelled before they are cooled. The label has the name of the project, the day and the initials of the person who took it. Samples without a label are thrown away on Fridays. The freezer in the second basement is for long storage, and its list hangs on the door; please strike out what you take away.',
];

export const HANDBOOK = `1 General
1.1 This handbook applies to all employees, whatever their contract. Where the law says more, the law counts.
1.2 Changes are announced on the intranet four weeks before they come into force.
${PASSAGES[3] ?? ''}

2 Working hours
2.1 The core hours are from ten to three. Outside of them everybody plans the day with the team.
2.2 Overtime is agreed beforehand and made up for with time off within the quarter.
${PASSAGES[2] ?? ''}

3 Travel and expenses
${PASSAGES[4] ?? ''}

4 Leave
4.1 Annual leave is thirty days. It is requested in the portal and answered by the team lead within one week.
4.2 Parental leave is requested in writing seven weeks before it begins. The position is kept.
4.3 Special leave is given for moving house, for a wedding and for a death in the family.

5 Safety
${PASSAGES[5] ?? ''}
${PASSAGES[6] ?? ''}

6 First months
${PASSAGES[11] ?? ''}`;
