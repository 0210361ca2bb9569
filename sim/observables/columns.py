"""What every column of every table of a run is: the tables are written from this list.

Panels (city, district, sector, rival) hold one row a quarter and place; their extensive columns
are divided by the scale of the run, so that runs of all scales compare. The other tables hold one
row an agent or event, as simulated, and say in `attrs["scale"]` of what size the run was.

A reference such as `state.STARTUP.raised` is a column of a schema in `sim/world/columns.py`, one such as
`kinds.Life.ALIVE` a kind in `sim/world/kinds.py`.
"""

from typing import NamedTuple

YUAN = "yuan of 2024"
PANELS = ("city", "district", "sector", "rival")


class Column(NamedTuple):
    """One column of a table; its unit says of what type it is."""

    name: str
    unit: str
    meaning: str
    reference: str  # where in the code it is made, or the equation
    extensive: bool = False  # grows with the size of the city: panels divide it by the scale


def count(name, unit, meaning, reference):
    """A number of persons or firms."""
    return Column(name, unit, meaning, reference, True)


def money(name, meaning, reference):
    """A sum of money, int64 yuan."""
    return Column(name, YUAN, meaning, reference, True)


QUARTER = (
    Column("quarter", "text", "quarter, such as 2016Q1", "sim.world.calendar.quarter_name"),
    Column("year", "year", "year of the quarter", "quarter // 4"),
)

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

FOUNDERS = (
    Column("founder_id", "identity", "lead founder; the same person in every venture", "sim.world.draws"),
    Column("attempt", "number", "number of the venture among the founder's, from 0 or 1", "state.STARTUP.attempt"),
    Column("startup_id", "identity", "the venture: founder identity x 16 + attempt", "state.STARTUP.id"),
    *QUARTER,
    Column("origin", "name", "local, returnee or foreign", "kinds.Origin"),
    Column(
        "experience",
        "name",
        "first_time, failed_before or succeeded_before (listed, or sold for more than was put in), when founding",
        "kinds.Experience",
    ),
    Column("skill", "standard deviations", "skill", "state.STARTUP.skill"),
    Column("partners", "persons", "co-founders", "state.STARTUP.partner_1, partner_2"),
    Column("sector", "name", "sector of the venture", "City.sectors"),
    Column("district", "code", "district of the venture", "City.district_codes"),
    Column("life", "name", "how the venture stands or ended", "kinds.Life"),
    Column("ended", "text", "quarter of its end or listing, missing while alive", "state.STARTUP.ended"),
    Column("raised_cny", YUAN, "raised in all rounds", "state.STARTUP.raised"),
    Column("proceeds_cny", YUAN, "paid to its founders at exit", "state.EXIT.to_founders"),
)

STARTUPS = (
    Column("startup_id", "identity", "founder identity x 16 + attempt", "state.STARTUP.id"),
    Column("founder_id", "identity", "lead founder", "state.STARTUP.founder_id"),
    Column("attempt", "number", "number of the venture among the founder's", "state.STARTUP.attempt"),
    Column("origin", "name", "of the lead founder", "kinds.Origin"),
    Column("experience", "name", "of the lead founder, when founding", "kinds.Experience"),
    Column("skill", "standard deviations", "of the lead founder", "state.STARTUP.skill"),
    Column("born", "text", "quarter of founding", "state.STARTUP.born"),
    Column("ended", "text", "quarter of its end or listing, missing while alive", "state.STARTUP.ended"),
    Column(
        "life",
        "name",
        "alive, failed (out of money), listed (goes on), acquired, closed (given up while solvent), delisted",
        "kinds.Life",
    ),
    Column("sector", "name", "sector", "City.sectors"),
    Column("district", "code", "district", "City.district_codes"),
    Column("cell", "cell", "cell of the map", "sim.world.geography.Map"),
    Column("x_km", "km", "middle of its cell, east of the city's centre", "sim.world.geography.Map, cell_x"),
    Column("y_km", "km", "middle of its cell, north of the city's centre", "sim.world.geography.Map, cell_y"),
    Column("hard_tech", "flag", "hard-tech tag; may go with consumer", "state.STARTUP.hard_tech"),
    Column("consumer", "flag", "consumer-internet tag", "state.STARTUP.consumer"),
    Column("business_share", "share", "of sales to firms", "state.STARTUP.business_share"),
    Column("export_share", "share", "of sales abroad", "state.STARTUP.export_share"),
    Column("makes_here", "flag", "false where production is in the hinterland", "state.STARTUP.makes_here"),
    Column("subsidised_desk", "flag", "works on a subsidised desk", "state.STARTUP.desk"),
    Column("stage", "name", "idea, seed, A, B, C, D (D and later)", "kinds.Stage"),
    Column("rounds", "rounds", "equity rounds so far", "state.STARTUP.rounds"),
    Column("quality", "standard deviations", "latent quality", "state.STARTUP.quality"),
    Column("market", "log yuan", "size of the market it aims at", "state.STARTUP.market"),
    Column("traction", "log yuan", "annual sales potential", "state.STARTUP.traction"),
    Column("growth", "log points", "last quarterly growth of traction", "state.STARTUP.growth"),
    Column("progress", "share", "of the product that is done", "state.STARTUP.progress"),
    Column("compliance_quarters", "quarters", "compliance work left", "state.STARTUP.compliance"),
    Column("property", "index", "intellectual property", "state.STARTUP.property"),
    Column("founder_age", "years", "age of the founder at the founding", "state.STARTUP.founder_age"),
    Column("headcount", "persons", "employees", "state.STARTUP.headcount"),
    Column("labour", "units", "labour of founders and staff, 1 is a person of average skill", "state.STARTUP.labour"),
    Column("knowhow", "log points", "of its offer", "state.STARTUP.knowhow"),
    Column("demand_cny", YUAN, "what customers would buy, in the last quarter simulated", "state.STARTUP.demand"),
    Column("payroll_cny", YUAN, "pay of founders and staff in the last quarter simulated", "state.STARTUP.payroll"),
    Column("cash_cny", YUAN, "cash", "state.STARTUP.cash"),
    Column("revenue_cny", YUAN, "sales in the last quarter simulated", "state.STARTUP.revenue"),
    Column("burn_cny", YUAN, "planned spending a quarter", "state.STARTUP.burn"),
    Column("raised_cny", YUAN, "raised in all rounds", "state.STARTUP.raised"),
    Column("last_round", "text", "quarter of the last round, missing without one", "state.STARTUP.last_round"),
    Column("post_money_cny", YUAN, "post-money value at the last round", "state.STARTUP.post_money"),
    Column("shares", "shares", "all shares out", "state.STARTUP.shares"),
    Column("founder_shares", "shares", "of the founders", "state.STARTUP.founder_shares"),
    Column("employee_shares", "shares", "of the employees' pool", "state.STARTUP.pool_shares"),
    Column("investor_shares", "shares", "of all outside investors", "shares - founder_shares - employee_shares"),
    Column("founder_share", "share", "founder_shares / shares", "sim.observables.microdata"),
    Column("employee_share", "share", "employee_shares / shares", "sim.observables.microdata"),
    Column("investor_share", "share", "investor_shares / shares", "sim.observables.microdata"),
    Column("effort", "share", "monitoring effort of its lead investor", "state.STARTUP.effort"),
    Column(
        "sandbox_from", "text", "quarter of admission to the sandbox, missing if never", "state.STARTUP.sandbox_from"
    ),
    Column("sandbox_until", "text", "last quarter in the sandbox, missing if never", "state.STARTUP.sandbox_until"),
    Column("sandbox_refused", "flag", "applied to the sandbox and was refused", "state.STARTUP.sandbox_refused"),
    Column("incidents", "incidents", "accidents with its product", "state.STARTUP.incidents"),
    Column("filed", "text", "quarter of filing for a listing, missing if never or withdrawn", "state.STARTUP.queued"),
    Column(
        "concept_from", "text", "quarter of a proof-of-concept grant, missing if never", "state.STARTUP.concept_from"
    ),
    Column(
        "accelerator_from",
        "text",
        "quarter of admission to an accelerator, missing if never",
        "state.STARTUP.accelerator_from",
    ),
    Column(
        "testbed_from",
        "text",
        "quarter of admission to the city test-bed, missing if never",
        "state.STARTUP.testbed_from",
    ),
    Column("testbed_until", "text", "last quarter there, missing if never", "state.STARTUP.testbed_until"),
    Column(
        "laboratory_wait", "quarters", "in the queue for hours of shared laboratories", "state.STARTUP.laboratory_wait"
    ),
    Column("pilot_cny", YUAN, "pilots a quarter bought by its corporate partner", "state.STARTUP.pilot"),
    Column(
        "partner_lost", "text", "quarter in which it lost that partner, missing if never", "state.STARTUP.partner_lost"
    ),
    Column("digital_currency", "flag", "paid in digital currency", "state.STARTUP.digital"),
)

FIRMS = (
    Column("startup_id", "identity", "startup alive, or listed, at the end of the year", "state.STARTUP.id"),
    *QUARTER,
    Column("headcount", "persons", "employees", "state.STARTUP.headcount"),
    Column("revenue_cny", YUAN, "sales in the fourth quarter", "state.STARTUP.revenue"),
    Column("cash_cny", YUAN, "cash", "state.STARTUP.cash"),
    Column("burn_cny", YUAN, "planned spending a quarter", "state.STARTUP.burn"),
    Column("payroll_cny", YUAN, "pay of founders and staff in the fourth quarter", "state.STARTUP.payroll"),
)

ROUNDS = (
    Column("startup_id", "identity", "startup", "state.HOLDING.startup_id"),
    Column("round", "number", "number of the round in the startup's life, from 1", "state.HOLDING.place + 1"),
    Column("stage", "name", "stage of the round: seed, A, B, C, D (D and later)", "kinds.Stage"),
    *QUARTER,
    Column("sought", "text", "quarter since which the startup sought it", "state.HOLDING.sought"),
    Column("asked_cny", YUAN, "what the startup asked for in that round", "state.HOLDING.asked"),
    Column("sector", "name", "sector of the startup", "City.sectors"),
    Column("district", "code", "district of the startup", "City.district_codes"),
    Column("hard_tech", "flag", "tag of the startup", "state.STARTUP.hard_tech"),
    Column("consumer", "flag", "tag of the startup", "state.STARTUP.consumer"),
    Column("investor", "name", "fund, angel or patient (the government's direct fund)", "kinds.Investor"),
    Column("investor_id", "identity", "fund or angel", "state.HOLDING.holder_id"),
    Column("gp_id", "identity", "VC firm of the fund, -1 for others", "state.GP.id"),
    Column("gp_kind", "name", "kind of the VC firm, missing for others", "kinds.GPKind"),
    Column("gp_local", "flag", "VC firm of the city", "state.GP.local"),
    Column("gp_x_km", "km", "office of a VC firm of the city, east of its centre, missing for others", "state.GP.cell"),
    Column(
        "gp_y_km", "km", "office of a VC firm of the city, north of its centre, missing for others", "state.GP.cell"
    ),
    Column("guided", "flag", "the fund has guidance money", "state.HOLDING.guided"),
    Column("lead", "flag", "leads the round", "state.HOLDING.lead"),
    Column("new", "flag", "new to the startup", "state.HOLDING.first"),
    Column("amount_cny", YUAN, "paid", "state.HOLDING.amount"),
    Column("post_money_cny", YUAN, "value of the startup after the round", "state.HOLDING.post_money"),
    Column("company_share", "share", "of the company, bought in the round", "amount / post-money"),
    Column("shares", "shares", "bought", "state.HOLDING.shares"),
    Column("route", "name", "held, or how the stake ended for this investor", "kinds.Route"),
    Column("ended", "text", "quarter in which the stake ended, missing while held", "state.HOLDING.ended"),
    Column("proceeds_cny", YUAN, "paid out so far, without compensation", "state.HOLDING.proceeds"),
    Column("compensated_cny", YUAN, "paid by the failure compensation fund", "state.HOLDING.compensated"),
)

EXITS = (
    Column("startup_id", "identity", "startup", "state.EXIT.startup_id"),
    *QUARTER,
    Column("life", "name", "failed, listed, acquired or closed", "kinds.Life"),
    Column("sector", "name", "sector", "City.sectors"),
    Column("district", "code", "district", "City.district_codes"),
    Column("stage", "name", "stage at the end", "kinds.Stage"),
    Column("age_quarters", "quarters", "from founding to the end", "quarter - born"),
    Column("value_cny", YUAN, "value of the startup", "state.EXIT.value"),
    Column("raised_cny", YUAN, "raised in all rounds", "state.EXIT.raised"),
    Column("to_investors_cny", YUAN, "paid to investors", "state.EXIT.to_investors"),
    Column("to_founders_cny", YUAN, "paid to founders", "state.EXIT.to_founders"),
    Column("to_employees_cny", YUAN, "paid to employees", "state.EXIT.to_employees"),
    Column("buyer_id", "identity", "corporate that bought it, -1 for none", "state.CORPORATE.id"),
    Column("venue", "flag", "listed at the new venue, below the national thresholds", "state.EXIT.board"),
    Column(
        "later_cny",
        YUAN,
        "value of a listed firm three years on, by the law of sales; 0 for others",
        "state.EXIT.later",
    ),
)

FUNDS = (
    Column("fund_id", "identity", "fund: VC firm identity x 64 + number", "state.FUND.id"),
    Column("gp_id", "identity", "VC firm", "state.GP.id"),
    Column("number", "number", "number of the fund among its firm's", "state.FUND.number"),
    Column("kind", "name", "kind of the VC firm", "kinds.GPKind"),
    Column("local", "flag", "VC firm of the city", "state.GP.local"),
    Column("patient", "flag", "the government's direct fund", "state.GP.patient"),
    Column("vintage", "text", "quarter of closing, missing while raising", "state.FUND.vintage"),
    *QUARTER,
    Column("closed", "flag", "closed in this quarter", "vintage == quarter"),
    Column("ended", "flag", "wound up in this quarter", "state.FUND.ended == quarter"),
    Column("target_cny", YUAN, "size announced, at the end of the quarter", "state.FUND.target"),
    Column("committed_cny", YUAN, "commitments of all LPs in the quarter", "change of state.FUND.committed"),
    Column("guidance_cny", YUAN, "of them, the guidance fund's", "change of state.FUND.guidance"),
    Column("private_cny", YUAN, "of them, private LPs'", "change of state.FUND.private"),
    Column("corporate_cny", YUAN, "of them, corporate LPs'", "change of state.FUND.corporate"),
    Column("foreign_cny", YUAN, "of them, foreign LPs'", "change of state.FUND.foreign"),
    Column("state_cny", YUAN, "of them, state LPs' (without the guidance fund)", "change of state.FUND.state"),
    Column("called_cny", YUAN, "called from LPs in the quarter", "change of state.FUND.called"),
    Column("guidance_called_cny", YUAN, "of it, from the guidance fund", "change of state.FUND.guidance_called"),
    Column("invested_cny", YUAN, "put into startups in the quarter", "change of state.FUND.invested"),
    Column("distributed_cny", YUAN, "paid to LPs in the quarter", "change of state.FUND.distributed"),
    Column("fees_cny", YUAN, "management fees in the quarter", "change of state.FUND.fees"),
    Column("carry_cny", YUAN, "carry paid to the VC firm in the quarter", "change of state.FUND.carried"),
    Column("nav_cny", YUAN, "net asset value at the end of the quarter", "state.FUND.nav"),
    Column("cash_cny", YUAN, "cash at the end of the quarter", "state.FUND.cash"),
)

APPLICATIONS = (
    Column("policy", "name", "policy applied to", "config.policies"),
    *QUARTER,
    Column("startup_id", "identity", "startup, -1 where a person or fund applies", "state.STARTUP.id"),
    Column("applicant_id", "identity", "who applies", "state.APPLICATION.applicant_id"),
    Column(
        "decided",
        "text",
        "quarter of the answer and grant, missing while open",
        "state.APPLICATION.decided",
    ),
    Column(
        "answer",
        "name",
        "open, admitted, score (too low), places (too few, no money, or a claim not paid), withdrawn, ended",
        "kinds.Answer",
    ),
    Column("again", "flag", "whether the applicant has applied before", "state.APPLICATION.again"),
    Column("score", "score", "score of the application", "state.APPLICATION.score"),
    Column("cutoff", "score", "lowest score admitted then", "state.APPLICATION.cutoff"),
    Column("places", "places", "of the competition", "state.APPLICATION.places"),
    Column("worst_admitted", "score", "lowest score of those admitted", "state.APPLICATION.worst_admitted"),
    Column("best_refused", "score", "highest score of those refused", "state.APPLICATION.best_refused"),
    Column("admitted", "flag", "outcome", "state.APPLICATION.admitted"),
    Column("amount_cny", YUAN, "granted", "state.APPLICATION.amount"),
    Column("age_quarters", "quarters", "age of the startup when it applied", "state.APPLICATION.age"),
    Column("stage", "name", "of the startup then", "state.APPLICATION.stage"),
    Column("rounds", "rounds", "it had raised by then", "state.APPLICATION.rounds"),
    Column("progress", "share", "readiness of its product then", "state.APPLICATION.progress"),
    Column("headcount", "jobs", "it had then", "state.APPLICATION.headcount"),
    Column("cash_cny", YUAN, "it held then", "state.APPLICATION.cash"),
    Column("revenue_cny", YUAN, "its sales of that quarter", "state.APPLICATION.revenue"),
    Column("district", "code", "where it was then", "state.APPLICATION.district"),
    Column("sector", "name", "of it", "state.APPLICATION.sector"),
)

POLICY = (
    Column("policy", "name", "policy", "config.policies"),
    *QUARTER,
    Column(
        "appropriated_cny",
        YUAN,
        "put into its purse by the treasury in the quarter",
        "change of state.PURSE.appropriated",
    ),
    Column("spent_cny", YUAN, "spent in the quarter, without administration", "change of state.PURSE.spent"),
    Column("recovered_cny", YUAN, "received back in the quarter", "change of state.PURSE.recovered"),
    Column("administration_cny", YUAN, "cost of running it in the quarter", "change of state.PURSE.administration"),
    Column("take_up", "cases", "persons or firms that it reached in the quarter", "change of state.PURSE.take_up"),
    Column("cash_cny", YUAN, "left in its purse at the end of the quarter", "state.PURSE.cash"),
)

FLOWS = (
    *QUARTER,
    Column("transaction", "name", "kind of transfer", "sim.world.accounts.Transaction"),
    Column("payer", "name", "institutional sector that pays", "kinds.Sector"),
    Column("payee", "name", "institutional sector that receives", "kinds.Sector"),
    Column("amount_cny", YUAN, "sum of the transfers in the quarter", "state.State.flows"),
)

REPORTED = (
    Column("id", "text", "metric of a report", "configs/targets/reported.csv"),
    Column("reported", "see unit", "reported number, or the claim in words", "configs/targets/reported.csv"),
    Column("low", "see unit", "lower end of the tolerance", "configs/targets/reported.csv"),
    Column("high", "see unit", "upper end of the tolerance", "configs/targets/reported.csv"),
    Column("unit", "text", "unit of the numbers in the row", "configs/targets/reported.csv"),
    Column(
        "simulated",
        "see unit",
        "the model's number under the same definition; 1 or 0 for a rank that holds or not",
        "sim.observables.operators",
    ),
    Column("verdict", "text", "how the two compare, or why they do not", "sim.observables.reported.verdict"),
    Column("source", "text", "article", "configs/targets/articles"),
    Column(
        "role",
        "text",
        "target (may be fitted), input, holdout (never fitted) or context",
        "configs/targets/reported.csv",
    ),
    Column("period", "text", "time that the report speaks of", "configs/targets/reported.csv"),
    Column("observed", "text", "years of the run that the operator reads", "configs/targets/reported.csv"),
    Column("operator", "text", "function that observes the run", "sim.observables.operators"),
    Column("conflict_group", "text", "reports that cannot all be read alike", "configs/targets/reported.csv"),
    Column("quote", "text", "words of the article", "configs/targets/articles"),
    Column("note", "text", "why there is no number, or what to know of the row", "sim.observables.reported"),
)

CODEBOOK = {
    "city": CITY,
    "district": DISTRICT,
    "sector": SECTOR,
    "rival": RIVAL,
    "founders": FOUNDERS,
    "startups": STARTUPS,
    "firms": FIRMS,
    "rounds": ROUNDS,
    "exits": EXITS,
    "funds": FUNDS,
    "applications": APPLICATIONS,
    "policy": POLICY,
    "flows": FLOWS,
    "reported": REPORTED,
}
