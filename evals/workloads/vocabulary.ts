/** Words that values are made of. Our own lists; true facts about the world lie in knowledge.ts. */

const words = (text: string): readonly string[] => text.trim().split(/\s+/);
const phrases = (text: string): readonly string[] =>
  text
    .split('|')
    .map((phrase) => phrase.trim().replace(/\s+/g, ' '))
    .filter((phrase) => phrase !== '');

export const FIRST_NAMES = words(`
  Aaron Abigail Ada Adrian Agnes Ahmed Aiko Alan Alba Alejandro Alice Amara Amir Ana Anders Anita Anton Arjun
  Astrid Aurora Beatrice Ben Bianca Boris Bruno Camila Carl Carmen Cecilia Chen Chiara Chloe Clara Colin
  Dagny Daniel Daria David Deepa Diego Dmitri Dora Edgar Edith Elena Eli Elif Emil Emma Erik Esther Eva Farah
  Felix Fiona Frank Freya Gabriel George Gita Greta Gustav Hana Harriet Hassan Helen Henrik Hugo Ida Ines Ingrid
  Irene Isaac Ivan Jamal James Jana Jean-Luc Jin Joan Jonas Julia Kaito Karen Karl Kavya Kenji Kim Lars Laura
  Leila Leo Lina Linus Lucia Luis Magnus Mara Marco Maria Marie-Claire Mateo Maya Mei Miguel Mina Mohamed Nadia
  Naomi Nils Nina Noah Nora Oleg Olga Olivia Omar Oscar Pablo Paula Pedro Petra Priya Quentin Rafael Raj Rania
  Rosa Ruth Samir Sana Sara Sean Selma Simon Sofia Stefan Sven Tara Theo Tomas Tova Uma Vera Victor Wei Yara
  Yusuf Zara Zoe`);

export const LAST_NAMES = words(`
  Abbott Acosta Ahmadi Almeida Andersen Arnold Baker Banerjee Barros Becker Bell Bergman Bianchi Blake Bosch Brandt
  Brennan Brown Burke Castro Chandra Chavez Cho Clarke Cohen Cooper Costa Crawford Dahl Dalton Das Delgado Diaz
  Dubois Dunteman Eklund Ellis Engel Eriksen Fabre Farouk Fernandez Fischer Flores Fontaine Foster Fraser Fujita
  Garcia Gibson Gomez Graham Gruber Gupta Haas Hansen Hassan Hayashi Hill Hoffman Holm Hopper Hughes Ibrahim Ito
  Ivanov Jansen Jensen Johansson Jones Kapoor Kaur Keller Kelly Khan Kimura Klein Kowalski Kumar Lambert Lang
  Larsen Lee Lehmann Lin Lopez Lovelace Lund MacLeod Marino Martin Matsuda Mehta Mendoza Meyer Miller Moreau
  Morgan Murphy Nakamura Nair Nguyen Nielsen Novak O'Brien O'Neil Okafor Olsen Ortega Park Patel Pereira Petrov
  Popov Quinn Ramirez Rao Reed Reyes Ricci Roberts Romano Rossi Roy Santos Sato Schmidt Schneider Sharma Silva
  Singh Smith Sokolov Stein Suzuki Svensson Takeda Tanaka Taylor Torres Turner Vargas Vogel Wagner Walsh Weber
  Williams Wong Yamada Yilmaz Young Zhang Ziegler`);

export const CITIES = phrases(`
  Aarhus|Accra|Adelaide|Almaty|Amsterdam|Antwerp|Athens|Auckland|Austin|Bangkok|Barcelona|Basel|Belgrade|Bergen|
  Berlin|Bilbao|Bogota|Bologna|Boston|Bremen|Brisbane|Brussels|Budapest|Buenos Aires|Cairo|Cape Town|Cardiff|
  Casablanca|Chicago|Cologne|Copenhagen|Cork|Dakar|Dallas|Delhi|Denver|Dresden|Dublin|Edinburgh|Fukuoka|Geneva|
  Genoa|Ghent|Glasgow|Gothenburg|Granada|Graz|Hamburg|Hanoi|Helsinki|Hobart|Houston|Istanbul|Jakarta|Kampala|
  Krakow|Kyoto|Lagos|Leeds|Leipzig|Lima|Lisbon|Liverpool|Ljubljana|London|Los Angeles|Lyon|Madrid|Malmo|Manila|
  Marseille|Melbourne|Mexico City|Miami|Milan|Montreal|Mumbai|Munich|Nairobi|Nantes|Naples|New York|Nice|Osaka|
  Oslo|Ottawa|Palermo|Paris|Perth|Porto|Prague|Quito|Riga|Rio de Janeiro|Rome|Rotterdam|Salzburg|San Diego|
  San Jose|Santiago|Seattle|Seoul|Seville|Singapore|Sofia|Stockholm|Stuttgart|Sydney|Taipei|Tallinn|Tampere|
  Tokyo|Toronto|Trieste|Tunis|Turin|Utrecht|Valencia|Vancouver|Vienna|Vilnius|Warsaw|Wellington|Zagreb|Zurich`);

export const STREETS = phrases(`
  Acacia Avenue|Alder Road|Baker Street|Beech Lane|Birch Street|Bridge Road|Canal Street|Castle Street|Cedar Court|
  Chapel Lane|Cherry Lane|Church Street|Clay Hill|Cliff Road|Copper Street|Dock Road|Elm Street|Fern Lane|
  Field Road|Garden Street|Glen Road|Grove Avenue|Harbour Street|Hazel Close|High Street|Hill Road|Juniper Lane|
  King Street|Lake Road|Larch Avenue|Lime Street|Linden Avenue|Long Acre|Main Street|Maple Drive|Market Street|
  Meadow Lane|Mill Road|Moor Lane|North Parade|Oak Avenue|Orchard Road|Park Lane|Pine Street|Poplar Road|
  Quarry Hill|Queen Street|River Road|Rose Lane|School Street|Spring Gardens|Station Road|Sycamore Drive|
  Temple Row|Union Street|Valley Road|Victoria Street|Walnut Street|Water Lane|West Street|Willow Lane|Wood Street`);

export const COMPANIES = phrases(`
  Acme|Alpine Foods|Amber Labs|Apex Freight|Arbor Health|Argon Systems|Atlas Logistics|Aurora Textiles|Basalt|
  Beacon Energy|Blue Heron|Bluebird Media|Borealis|Brightwater|Cascade Robotics|Cedar Bank|Cinder Works|Cobalt|
  Compass Travel|Copperfield|Crescent Optics|Delta Marine|Driftwood|Ember Coffee|Evergreen|Falcon Tools|Fjord Air|
  Foxglove|Garnet Mining|Glacier Water|Globex|Granite Supply|Halcyon|Harbor Insurance|Helix Pharma|Hollow Tree|
  Initech|Ironbridge|Juniper Farms|Kestrel Aero|Keystone|Lantern Books|Larkspur|Lumen|Magnolia Hotels|
  Maple Software|Meridian|Mosaic Design|Nimbus|Northwind|Oakwood|Obsidian|Orchid Care|Orion Telecom|Palisade|
  Pebble Toys|Pinnacle|Polaris|Quarry Stone|Quasar|Redwood|Ridgeline|Riverside Dairy|Sable|Saffron Kitchens|
  Sandpiper|Sequoia|Silverline|Skylark|Solstice|Summit Sports|Sunflower|Tamarack|Thistle|Tidewater|Timberland Homes|
  Topaz|Trident|Umbra|Vantage|Verdant|Vertex|Violet Sky|Walnut Grove|Westbrook|Willowbrook|Wren Studios|Zephyr`);

export const PRODUCTS = phrases(`
  air fryer|alarm clock|backpack|bath towel|bike helmet|blender|bookshelf|camping tent|ceiling lamp|cereal bowl|
  chess set|coat rack|coffee grinder|coffee maker|cutting board|desk lamp|door mat|dumbbell|electric kettle|
  espresso cup|fish tank|floor lamp|foam roller|food processor|garden hose|glass jar|hair dryer|hand mixer|
  headphones|heating pad|ice maker|jump rope|kitchen scale|kneeling chair|label printer|laptop stand|lunch box|
  memory card|milk frother|monitor arm|notebook|office chair|paper shredder|pencil case|phone charger|photo frame|
  picnic blanket|pillow|plant pot|power bank|rain jacket|rice cooker|road bike|rug|sauce pan|sewing machine|shower head|
  skateboard|sleeping bag|slow cooker|smart watch|soap dispenser|space heater|standing desk|step stool|
  suitcase|table fan|tea pot|toaster|toolbox|tripod|umbrella|USB cable|vacuum cleaner|wall clock|water bottle|
  webcam|whiteboard|wine rack|wool blanket|yoga mat`);

export const NOUNS = words(`
  anchor apple arrow badge bamboo basket beacon blanket bottle branch bridge bubble bucket butter button cabin cactus
  candle canyon carpet castle cherry circle cloud cobweb comet copper coral cotton cradle crystal curtain dagger
  desert dragon drawer eagle engine falcon feather fiddle flame flower forest fossil garden garlic ginger glacier
  goblet guitar hammer harbor helmet honey hornet island jacket jigsaw jungle kettle ladder lantern lemon level
  lizard magnet mango marble meadow mirror monkey mountain needle noodle oyster paddle palace parrot pebble pepper
  pickle pigeon pillow pirate planet pocket potato prism puzzle quartz rabbit radar river rocket saddle salmon
  saucer shadow shovel signal silver spider sponge spruce stream summit sunset teapot temple thunder ticket tiger
  timber tunnel turtle valley velvet violin walnut walrus willow window winter wizard yellow zipper`);

export const JOBS = phrases(`
  accountant|actuary|analyst|architect|art director|auditor|baker|biologist|botanist|buyer|carpenter|chef|chemist|
  civil engineer|copywriter|curator|data engineer|dentist|designer|developer|economist|editor|electrician|event planner|
  florist|geologist|illustrator|interpreter|journalist|lawyer|librarian|machinist|mathematician|mechanic|midwife|
  nurse|optician|paralegal|pharmacist|photographer|pilot|plumber|product manager|professor|project lead|
  radiologist|recruiter|researcher|sales manager|statistician|surgeon|surveyor|teacher|tester|translator|
  underwriter|veterinarian|welder|writer|zoologist`);

export const DEPARTMENTS = words(`
  Accounting Archives Billing Compliance Design Engineering Facilities Finance Fulfilment Hardware Legal Logistics
  Maintenance Marketing Operations Payroll Planning Procurement Quality Research Sales Security Shipping Support
  Training Treasury`);

export const GIFTS = phrases(`
  book of poems|bottle of wine|box of chocolates|bouquet of tulips|candle set|cookbook|concert ticket|fountain pen|
  fruit basket|hand-knitted scarf|jar of honey|leather wallet|model train|museum pass|oil painting|old map|
  orchid|photo album|picnic basket|pocket watch|pottery class|silver bracelet|silk tie|spa voucher|tea sampler|
  travel guide|vinyl record|woollen hat`);

export const TOPICS = phrases(`
  annual budget|app redesign|audit findings|brand refresh|campus move|catering contract|client onboarding|
  cloud migration|data retention|delivery routes|design review|energy costs|fire drill|hiring plan|holiday schedule|
  incident report|inventory count|launch plan|lease renewal|mobile roadmap|office layout|packaging trial|parking permits|
  payroll change|press release|pricing model|quarterly goals|recycling scheme|release notes|safety training|
  sales forecast|seating plan|security patch|shift rota|supplier contract|support backlog|team offsite|
  trade fair|travel policy|vendor review|warehouse lease|website copy`);

export const PROBLEMS = phrases(`
  the screen stays black|the app closes by itself|the invoice shows the wrong address|the parcel was left in the rain|
  the password link has expired|the battery drains overnight|the heater makes a loud noise|the export file is empty|
  my card was charged twice|the handle came off|the coupon code is refused|the printer prints blank pages|
  the video has no sound|the lid does not close|the map shows the wrong street|the sizes are mixed up|
  the calendar shows yesterday|the login page keeps reloading|the box was already open|the cable is too short|
  the zip is stuck|the fan rattles at low speed|the report lists deleted users|the drawer does not slide|
  the search finds nothing|the colours look washed out|the pump leaks at the base|the sync never finishes`);

export const IDENTIFIERS = words(`
  accountId activeUsers averageScore batchSize cacheKey cartTotal clientName configPath currentPage customerId dataFrame
  dayCount deltaTime deviceId elapsedTime endDate errorCode eventLog fileName filterText firstItem frameRate groupName
  hashValue headerRow indexMap inputText itemCount jobQueue keyList lastSeen lineWidth logLevel loginUrl matchCount
  maxRetries menuItem minValue nextToken nodeList orderTotal outputDir pageSize parentNode pendingJobs pixelRatio
  queryText rangeStart rateLimit recordSet resultList retryDelay rootFolder rowIndex sampleRate scoreBoard searchTerm
  sessionKey sortOrder startDate statusCode stepCount tableName taskList taxRate teamSize textColor timeLimit tokenCount
  totalPrice treeDepth unitPrice userAge userEmail userRole viewPort visitCount weightSum windowSize workerPool zoomLevel`);

export const MODULES = words(`
  accounts alerts analytics archive assets audit auth backups billing bookings cache calendar cart catalog charts
  checkout cluster colors comments config contacts crawler crypto dashboard database delivery devices discounts documents
  email events exports feeds filters forms gateway geometry graphs images imports inventory invoices jobs ledger
  licenses locale logging mailer maps markdown members metrics notes orders parser payments pdf plugins pricing
  profile queue ratings refunds regions reports returns roles router scheduler schema search sessions shipping
  signals stocks storage streams subscriptions surveys tags taxes teams templates themes tickets tokens tracking
  upload users vouchers wallet webhooks`);

export const CARRIERS = words('DHL FedEx GLS Hermes PostNord UPS');
export const WEATHER = phrases(
  'sunny|cloudy|light rain|heavy rain|snow|fog|windy|thunderstorms|clear|hail|drizzle|overcast',
);
export const COLOURS = words(
  'amber black blue bronze brown coral crimson cyan emerald gold gray green indigo ivory khaki lavender lilac lime magenta maroon navy ochre olive orange pink plum purple red rust silver tan teal turquoise violet white yellow',
);
export const DOMAINS = words(
  'example.com example.org example.net mail.test post.test inbox.test corp.test',
);
export const MONTHS = words(
  'January February March April May June July August September October November December',
);
