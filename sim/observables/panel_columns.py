"""Columns of the panels: one row a quarter, and place, sector or rival."""

from sim.observables.columns import QUARTER, YUAN, Column, count, money

CITY = (
    *QUARTER,
    # persons
    count(
        "workforce", "persons", "persons in the city's tech workforce at the end of the quarter", "state.PERSON.status"
    ),
    count("employed", "persons", "of them, employees of startups and corporates", "kinds.Status.EMPLOYED"),
    count("searching", "persons", "of them, looking for work", "kinds.Status.SEARCHING"),
    count("long_searching", "persons", "of them, looking for work for three quarters or longer", "state.PERSON.idle"),
    count("founders", "persons", "of them, founders and co-founders of startups alive", "kinds.Status.FOUNDER"),
    count("returnee_residents", "persons", "of them, returned from overseas at some time", "kinds.Origin.RETURNEE"),
    count("foreign_residents", "persons", "of them, foreigners", "kinds.Origin.FOREIGN"),
    count("retired", "persons", "retired business angels, no part of the workforce", "kinds.Status.RETIRED"),
    # startups
    count("startups_founded", "firms", "ventures founded in the quarter", "state.STARTUP.born"),
    count("startups_alive", "firms", "startups alive at the end of the quarter", "kinds.Life.ALIVE"),
    count(
        "startups_funded_alive", "firms", "of them, with at least one round of outside equity", "state.STARTUP.raised"
    ),
    count("startups_failed", "firms", "startups that ran out of money in the quarter", "kinds.Life.FAILED"),
    count("startups_closed", "firms", "startups given up while solvent in the quarter", "kinds.Life.CLOSED"),
    count("startup_jobs", "jobs", "headcount of startups alive", "state.STARTUP.headcount"),
    money("startup_revenue_cny", "sales in the quarter of startups alive at its end", "state.STARTUP.revenue"),
    count("listed_firms", "firms", "firms that have listed and go on", "kinds.Life.LISTED"),
    count("listed_jobs", "jobs", "headcount of listed firms", "state.STARTUP.headcount"),
    money("listed_revenue_cny", "sales in the quarter of listed firms", "state.STARTUP.revenue"),
    money(
        "listed_value_cny",
        "value of listed firms as going concerns, at the prices of the market",
        "going_concern.worth",
    ),
    # equity raised
    money(
        "vc_raised_cny",
        "money that VC funds, of the city or outside, put into startups",
        "state.HOLDING.amount, investor FUND",
    ),
    money(
        "vc_private_cny",
        "of it, without the guidance fund's part: amount x (1 - guidance / committed) of each fund",
        "state.FUND.guidance",
    ),
    money("angel_raised_cny", "money that business angels put into startups", "state.HOLDING.amount, investor ANGEL"),
    money(
        "patient_raised_cny",
        "money that the government's direct fund put into startups",
        "state.HOLDING.amount, investor PATIENT",
    ),
    money(
        "equity_raised_cny",
        "money of all outside investors: VC funds, angels, government's direct fund",
        "state.HOLDING.amount",
    ),
    money("hard_tech_raised_cny", "of it, to startups with the hard-tech tag", "state.STARTUP.hard_tech"),
    count(
        "rounds",
        "rounds",
        "equity rounds closed in the quarter",
        "distinct startups and rounds of new state.HOLDING rows",
    ),
    count("first_rounds", "rounds", "of them, the startup's first", "no earlier state.HOLDING row"),
    count(
        "rounds_hard_tech",
        "rounds",
        "of them, by startups with the hard-tech tag; tags may overlap",
        "state.STARTUP.hard_tech",
    ),
    count(
        "rounds_consumer",
        "rounds",
        "of them, by startups with the consumer-internet tag; tags may overlap",
        "state.STARTUP.consumer",
    ),
    count("solo_rounds", "rounds", "of them, with a single investor", "one state.HOLDING row"),
    count("investor_stakes", "stakes", "pairs of investor and round in the quarter", "new state.HOLDING rows"),
    count(
        "angels_investing",
        "persons",
        "distinct business angels that invested in the quarter",
        "state.HOLDING.holder_id",
    ),
    # VC firms and their money
    count("vc_firms", "firms", "VC firms of the city in business", "state.GP.local, ended"),
    count("vc_firms_outside", "firms", "VC firms outside the city in business", "state.GP.local, ended"),
    count("proposals_screened", "proposals", "proposals that reached the screening of a VC firm", "state.GP.screened"),
    count("new_portfolio_companies", "deals", "first investments of a VC firm in a startup", "state.GP.deals"),
    money(
        "lp_commitments_cny",
        "commitments of all LPs to VC funds in the quarter, less promises void when a fund is given up",
        "change of state.FUND.committed",
    ),
    money("guidance_commitments_cny", "of them, the guidance fund's", "change of state.FUND.guidance"),
    money("guidance_called_cny", "paid in by the guidance fund in the quarter", "change of state.FUND.guidance_called"),
    money(
        "guidance_partners_cny",
        "commitments of the other LPs to all closed funds with guidance money, since launch",
        "sum of committed - guidance",
    ),
    money("dry_powder_cny", "commitments not yet called, funds not ended", "sum of committed - called"),
    money("fund_nav_cny", "net asset value of funds not ended", "state.FUND.nav"),
    # exits
    count("exits_ipo", "stakes", "investor stakes ended by a listing in the quarter", "kinds.Route.IPO"),
    count("exits_acquisition", "stakes", "investor stakes ended by an acquisition", "kinds.Route.ACQUISITION"),
    count(
        "exits_buyback", "stakes", "investor stakes bought back by the startup or its founder", "kinds.Route.BUYBACK"
    ),
    count("exits_transfer", "stakes", "investor stakes sold to strangers at the end of a fund", "kinds.Route.TRANSFER"),
    count("exits_liquidation", "stakes", "investor stakes ended in a liquidation", "kinds.Route.LIQUIDATION"),
    count("ipos", "firms", "startups listed in the quarter", "kinds.Life.LISTED"),
    count("acquisitions", "firms", "startups acquired in the quarter", "kinds.Life.ACQUIRED"),
    count("listing_queue", "firms", "firms that have filed and wait at the end of the quarter", "state.STARTUP.queued"),
    count("files_refused", "firms", "files refused in the quarter", "state.STARTUP.refused == quarter"),
    count(
        "files_withdrawn",
        "firms",
        "firms that waited a quarter before and neither wait, list nor were refused",
        "change of state.STARTUP.queued",
    ),
    money("exit_value_cny", "value of the startups listed or acquired in the quarter", "state.EXIT.value"),
    # people who move
    count("returnees", "persons", "persons who returned from overseas to the city", "state.TALLY.returnees"),
    count(
        "returnees_china",
        "persons",
        "persons who returned from overseas to any place in the country",
        "state.TALLY.returnees_china",
    ),
    Column("returnee_share", "share", "returnees / returnees_china of the quarter", "sim.observables.panels"),
    count(
        "stem_returnees", "persons", "of returnees, graduates of science and engineering", "state.TALLY.stem_returnees"
    ),
    count(
        "stem_returnees_china",
        "persons",
        "of returnees_china, graduates of science and engineering",
        "state.TALLY.stem_returnees_china",
    ),
    count("foreign_arrivals", "persons", "foreigners who came", "state.TALLY.foreign"),
    count("domestic_arrivals", "persons", "persons who came from the rest of the country", "state.TALLY.domestic"),
    count(
        "graduates_stayed",
        "persons",
        "graduates of the city's universities who joined its tech workforce",
        "state.TALLY.graduates",
    ),
    count("leavers", "persons", "residents who left the city", "state.TALLY.leavers"),
    # labour
    count("considered_founding", "persons", "persons who weighed founding a venture", "state.TALLY.considered"),
    count("founders_elsewhere", "persons", "of them, who founded in another city", "state.TALLY.founders_elsewhere"),
    count("hires", "persons", "persons hired", "state.TALLY.hires"),
    count(
        "turned", "persons", "of them, into another field than the own, which they make theirs", "state.TALLY.turned"
    ),
    count("separations", "persons", "persons who lost or left a job", "state.TALLY.separations"),
    count("vacancies", "jobs", "jobs wanted and not filled", "state.TALLY.vacancies"),
    Column("wage_cny", "yuan of 2024 a quarter", "mean wage per unit of labour", "state.SECTOR.wage, weighted by jobs"),
    # space
    Column(
        "office_rent_cny_m2",
        "yuan of 2024 a quarter and m2",
        "mean office rent",
        "state.DISTRICT.office_rent, weighted by stock",
    ),
    Column(
        "home_rent_cny_m2",
        "yuan of 2024 a quarter and m2",
        "mean home rent",
        "state.DISTRICT.home_rent, weighted by stock",
    ),
    Column(
        "office_premium_shenzhen", "share", "office_rent_cny_m2 / Shenzhen's office rent - 1", "state.RIVAL.office_rent"
    ),
    Column(
        "district_concentration",
        "index 0 to 1",
        "Herfindahl index of startups alive over districts",
        "sum of squared shares",
    ),
    Column(
        "sector_concentration",
        "index 0 to 1",
        "Herfindahl index of startups alive over sectors",
        "sum of squared shares",
    ),
    Column(
        "basic_research",
        "share of normal",
        "stock of basic research of open institutions",
        "state.INSTITUTION.basic, weighted by ideas",
    ),
    count("construction_m2", "m2", "floor space finished in the quarter", "state.TALLY.construction"),
    # the public side
    count(
        "sandbox_participants",
        "firms",
        "startups admitted to the regulatory sandbox since its launch",
        "state.STARTUP.sandbox_from",
    ),
    count("incidents", "incidents", "accidents with unregulated products", "state.TALLY.incidents"),
    count("redemptions", "firms", "startups whose investors asked for their money back", "state.TALLY.redemptions"),
    count(
        "partners_lost",
        "firms",
        "startups that lost the corporate that bought their pilots",
        "state.TALLY.partners_lost",
    ),
    money("tax_cny", "taxes received by the government", "flows *_TAX to GOVERNMENT"),
    money("public_spending_cny", "payments of the government and its policies to all others", "flows from GOVERNMENT"),
    money("public_debt_cny", "debt of the government at the end of the quarter", "state.CASH.debt"),
)

DISTRICT = (
    *QUARTER,
    Column("district", "code", "district", "City.district_codes"),
    Column("ring", "text", "ring of the city that the district lies in", "City.district_rings"),
    Column("area_km2", "km2", "area of the district", "City.districts.area_km2"),
    count("persons", "persons", "persons of the tech workforce who live here", "state.PERSON.home"),
    count("returnees", "persons", "of them, returned from overseas at some time", "kinds.Origin.RETURNEE"),
    count("startups_founded", "firms", "ventures founded here in the quarter", "state.STARTUP.born"),
    count("startups_alive", "firms", "startups alive here at the end of the quarter", "kinds.Life.ALIVE"),
    count("startup_jobs", "jobs", "headcount of startups alive here", "state.STARTUP.headcount"),
    money("startup_revenue_cny", "sales in the quarter of startups alive here", "state.STARTUP.revenue"),
    money("vc_raised_cny", "money that VC funds put into startups here", "state.HOLDING.amount"),
    Column(
        "office_rent_cny_m2",
        "yuan of 2024 a quarter and m2",
        "office rent that clears the district",
        "state.DISTRICT.office_rent",
    ),
    Column(
        "home_rent_cny_m2",
        "yuan of 2024 a quarter and m2",
        "home rent that clears the district",
        "state.DISTRICT.home_rent",
    ),
    count("office_stock_m2", "m2", "office space", "state.DISTRICT.office_stock"),
    count("home_stock_m2", "m2", "homes", "state.DISTRICT.home_stock"),
    count("subsidised_desks", "desks", "subsidised desks in use", "state.DISTRICT.desks"),
    count("subsidised_homes", "homes", "subsidised homes in use", "state.DISTRICT.homes"),
    Column("knowledge", "index", "stock of knowledge, all sectors, summed over cells", "state.State.knowledge"),
)

SECTOR = (
    *QUARTER,
    Column("sector", "name", "sector", "City.sectors"),
    count("startups_founded", "firms", "ventures founded in the quarter", "state.STARTUP.born"),
    count("startups_alive", "firms", "startups alive at the end of the quarter", "kinds.Life.ALIVE"),
    count(
        "startups_failed",
        "firms",
        "startups that ran out of money or were given up in the quarter",
        "kinds.Life.FAILED, CLOSED",
    ),
    count("exits", "firms", "startups listed or acquired in the quarter", "kinds.Life.LISTED, ACQUIRED"),
    count("startup_jobs", "jobs", "headcount of startups alive", "state.STARTUP.headcount"),
    count("listed_jobs", "jobs", "headcount of listed firms", "state.STARTUP.headcount"),
    count("corporate_jobs", "jobs", "headcount of corporates and other incumbents", "state.CORPORATE.headcount"),
    money("revenue_cny", "sales in the quarter of startups alive", "state.STARTUP.revenue"),
    money("vc_raised_cny", "money that VC funds put into startups", "state.HOLDING.amount"),
    money("equity_raised_cny", "money of all outside investors", "state.HOLDING.amount"),
    count(
        "rounds",
        "rounds",
        "equity rounds closed in the quarter",
        "distinct startups and rounds of new state.HOLDING rows",
    ),
    Column("wage_cny", "yuan of 2024 a quarter", "wage per unit of labour", "state.SECTOR.wage"),
    Column("tightness", "ratio", "demand over supply of labour", "state.SECTOR.tightness"),
    money("offers_cny", "what startups would sell in the quarter were all as normal", "state.STARTUP.offer"),
    Column(
        "customers_lost",
        "share",
        "of incumbents' customers that startups have taken, beyond normal",
        "state.SECTOR.customers_lost",
    ),
    Column("multiple", "ratio", "enterprise value over annual sales", "state.SECTOR.multiple"),
    Column("trust", "index", "regulator's trust, 0 neutral", "state.SECTOR.trust"),
)

RIVAL = (
    *QUARTER,
    Column("rival", "name", "rival place", "City.rival_names"),
    Column(
        "vc_raised_cny", YUAN, "VC raised there in the quarter, at full size whatever the scale", "state.RIVAL.raised"
    ),
    Column("wage", "ratio", "wage over the city's base wage", "state.RIVAL.wage"),
    Column("office_rent_cny_m2", "yuan of 2024 a quarter and m2", "office rent", "state.RIVAL.office_rent"),
    Column("home_rent_cny_m2", "yuan of 2024 a quarter and m2", "home rent", "state.RIVAL.home_rent"),
    Column("generosity", "log utility", "generosity of its policies", "state.RIVAL.generosity"),
    Column("young_firms", "ratio", "young firms there over their normal number", "state.RIVAL.young"),
)
