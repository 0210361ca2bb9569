"""The data dictionary of the model: who is in the city and what is known of each.

Persons are many and alike, so they live in columns (one array per attribute), which the
hot passes vectorise. Everybody else is few and lives a branching life, so they are tables:
one structured row an agent, which kernels read like prose (`startups[i].cash`).

Money is int64 yuan of 2024. A quarter is the integer `4 * year + (quarter - 1)`.
Slots are places in an array and may be reused; identities are for ever (see `draws.py`).

A column with bounds may be written from outside, through Mesa's names (`views.py`), within them. All others are the
model's own: kernels find their way by them (sector, district, cell, employer, founder, stage, status, slots), or they
have to agree with one another.
"""

from sim.world.kinds import NEVER, NOBODY
from sim.world.table import Schema

FLAG, SHARE = (0, 1), (0.0, 1.0)
MONEY = (0, 10**13)  # yuan; that of all agents together stays below 2**63
ODDS = (-10.0, 10.0)  # standard deviations, log points

# ---------------------------------------------------------------- persons, in columns

PERSON = Schema(
    [
        ("id", "i8", 0),  # identity: cohort << 48 | quarter << 32 | index
        ("status", "i8", 0),
        ("origin", "i8", 0),
        ("field", "i8", 0),  # field of knowledge, a sector
        ("second_field", "i8", 0),
        ("home", "i8", 0),  # district
        ("cell", "i8", 0),
        ("employer", "i8", NOBODY),  # a startup, a corporate or NOBODY, see employment.py
        ("skill", "f8", 0.0, ODDS),  # standard normal in the resident population
        ("efficiency", "f8", 0.0),  # units of labour, exp(return to skill x skill)
        ("wealth", "i8", 0, MONEY),  # yuan
        ("debt", "i8", 0, MONEY),  # yuan owed to the world after a failure
        ("ventures", "i8", 0),  # ventures tried
        ("successes", "i8", 0),
        ("belief_success", "f8", 0.0, (0.01, 1e6)),  # Beta counts of the belief about founding
        ("belief_failure", "f8", 0.0, (0.01, 1e6)),
        ("visa_until", "i8", NEVER),  # last quarter of the permit, NEVER where none is needed
        ("arrived", "i8", 0),  # quarter of arrival in the city
        ("born", "i8", 0),  # quarter of birth
        (
            "workplace",
            "i8",
            NOBODY,
        ),  # district of the last employer; NOBODY before the first, or where it sits everywhere
        ("idle", "i8", 0),  # quarters of looking for work, since the last job
        ("spawn_until", "i8", NEVER),  # colleagues of an exit or a failure found more often until then
        ("subsidised_home", "i8", 0),
        ("carried", "f8", 0.0),  # know-how that the person takes along, log points of an employer's offer
        ("stigma", "f8", 0.0, SHARE),  # share of pay that employers take off after a failure
        ("angel", "i8", 0, FLAG),  # 1 where active as a business angel
    ]
)

# ---------------------------------------------------------------- tables

# In the order of who reads what together: memory comes in lines of eight columns, and firms are more than the fastest
# memory holds.
STARTUP = Schema(
    [
        # who it is and where, and its staff: what passes over firms read of all of them
        ("id", "i8", 0),  # founder identity * 16 + attempt
        ("life", "i8", 0),
        ("sector", "i8", 0),
        ("district", "i8", 0),
        ("cell", "i8", 0),
        ("stage", "i8", 0),
        ("headcount", "i8", 0),
        ("target", "i8", 0),  # headcount wanted
        # money of the quarter
        ("cash", "i8", 0, MONEY),
        ("revenue", "i8", 0),  # this quarter
        ("demand", "i8", 0),  # yuan that customers would buy of it this quarter
        ("offer", "f8", 0.0),  # yuan a quarter that customers would buy of it if all were as normal, demand as in trend
        ("burn", "i8", 0),  # planned spending a quarter, yuan
        ("due", "i8", 0),  # payroll due this quarter and not paid
        ("payroll", "i8", 0),  # paid this quarter
        ("labour", "f8", 0.0),  # units of labour of founders and staff, this quarter
        # what moves its sales
        ("quality", "f8", 0.0, ODDS),  # latent, standard normal at birth before experience and place
        ("traction", "f8", 0.0, (0.0, 27.0)),  # log of annual sales potential, yuan
        ("growth", "f8", 0.0, ODDS),  # last log growth of traction
        ("market", "f8", 0.0, (0.0, 27.0)),  # log size of the market it aims at
        ("property", "f8", 0.0, (0.0, 100.0)),  # intellectual property, index
        ("effort", "f8", 0.0, SHARE),  # monitoring effort of its lead investor, 0 to 1
        ("knowhow", "f8", 0.0),  # log points of what it offers
        ("added", "f8", 0.0),  # knowledge that its cell has of it
        ("business_share", "f8", 0.0, SHARE),  # of sales to firms
        ("export_share", "f8", 0.0, SHARE),
        ("progress", "f8", 0.0, SHARE),  # 0 to 1, the product is ready at 1
        ("compliance", "f8", 0.0, (0.0, 100.0)),  # quarters of compliance work left
        ("makes_here", "i8", 1),  # 0 where production is in the hinterland
        ("digital", "i8", 0),  # 1 where it is paid in digital currency
        ("desk", "i8", 0),  # 1 on a subsidised desk
        ("sandbox_from", "i8", NEVER),
        ("sandbox_until", "i8", NEVER),
        # how its founder decides
        ("born", "i8", 0),
        ("hope", "f8", 0.0, ODDS),  # founder's estimate of its growth
        ("founder", "i8", 0),  # person slot while alive
        ("founder_id", "i8", 0),
        ("partner_1", "i8", NOBODY),  # person slots of co-founders, NOBODY if none
        ("partner_2", "i8", NOBODY),
        ("experience", "i8", 0),
        ("founder_shares", "i8", 0),
        ("shares", "i8", 0),  # all shares out; the cap table sums to this
        # its rounds
        ("rounds", "i8", 0),
        ("raised", "i8", 0),  # in all rounds
        ("seeking", "i8", NEVER),  # quarter since which it seeks, NEVER otherwise
        ("need", "i8", 0),  # round wanted, yuan; 0 where it does not seek
        ("planned", "f8", 0.0),  # quarters of the plan for which it seeks that money
        ("plan_until", "i8", NEVER),  # quarter in which its plan ends
        ("queued", "i8", NEVER),  # quarter of filing for a listing
        ("redeemed", "i8", NEVER),  # quarter in which investors last asked their money back
        ("noise", "f8", 1.0, (0.01, 100.0)),  # multiple of investors' signal noise, 1 by default
        ("first_holding", "i8", NOBODY),
        ("last_round", "i8", NEVER),
        ("post_money", "i8", 0),  # of the last round
        ("pool_shares", "i8", 0),
        # all else
        ("attempt", "i8", 0),
        ("origin", "i8", 0),  # of the lead founder
        ("skill", "f8", 0.0),  # of the lead founder
        ("founder_age", "f8", 0.0),  # years, of the lead founder at the founding
        ("ended", "i8", NEVER),
        ("hard_tech", "i8", 0, FLAG),
        ("consumer", "i8", 0, FLAG),
        ("sandbox_refused", "i8", NEVER),
        ("incidents", "i8", 0),
        ("delisted", "i8", NEVER),  # quarter in which a listed firm was wound up
        ("refused", "i8", NEVER),  # quarter in which a file was refused
        ("claim", "f8", 0.0),  # debt that its failure left with the founder before any was forgiven, yearly wages
        ("saving", "f8", 0.0),  # share of a first round that shared laboratories save, this quarter
        ("laboratory_wait", "i8", 0),  # quarters in the queue for laboratory hours
        ("asking", "i8", 0),  # applications to programmes that wait for an answer
        ("concept_from", "i8", NEVER),  # quarter of a proof-of-concept grant
        ("concept_refused", "i8", NEVER),
        ("accelerator_from", "i8", NEVER),
        ("accelerator_until", "i8", NEVER),
        ("accelerator_refused", "i8", NEVER),
        ("testbed_from", "i8", NEVER),
        ("testbed_until", "i8", NEVER),
        ("testbed_refused", "i8", NEVER),
        ("partner", "i8", NOBODY),  # slot of the corporate that buys its pilots, NOBODY if none
        ("pilot", "i8", 0),  # yuan a quarter that it buys
        ("partner_lost", "i8", NEVER),  # quarter in which that ended
        ("pilot_refused", "i8", NEVER),
        ("board", "i8", 0),  # of the listing it filed for: 0 the national one, 1 the new venue
    ]
)

HOLDING = Schema(
    [
        ("startup", "i8", 0),
        ("startup_id", "i8", 0),
        ("place", "i8", 0),  # of the round in the startup's life, from 0
        ("stage", "i8", 0),
        ("quarter", "i8", 0),
        ("investor", "i8", 0),  # kind of holder
        ("holder", "i8", 0),  # fund slot, or person slot of an angel
        ("holder_id", "i8", 0),
        ("lead", "i8", 0),
        ("sought", "i8", NEVER),  # quarter since which the startup had sought the round
        ("asked", "i8", 0),  # yuan that it had asked for
        ("first", "i8", 0),  # 1 where the investor is new to the firm
        ("amount", "i8", 0),
        ("shares", "i8", 0),
        ("post_money", "i8", 0),
        ("proceeds", "i8", 0),  # paid out so far
        ("compensated", "i8", 0),  # paid by the failure compensation fund
        ("route", "i8", 0),
        ("ended", "i8", NEVER),
        ("guided", "i8", 0),  # 1 where the fund has guidance money
        ("next", "i8", NOBODY),  # next holding of the same startup
    ]
)

GP = Schema(
    [
        ("id", "i8", 0),
        ("kind", "i8", 0),
        ("local", "i8", 0),
        ("patient", "i8", NOBODY),  # policy slot of the government's direct fund, NOBODY otherwise
        ("born", "i8", 0),
        ("ended", "i8", NEVER),
        ("cell", "i8", 0),  # of its office; outside firms have NOBODY
        ("district", "i8", 0),
        ("log_size", "f8", 0.0),  # of its funds, relative to the common one
        ("noise", "f8", 0.0, (0.01, 100.0)),  # standard deviation of the signal of quality
        ("focus_1", "i8", NOBODY),
        ("focus_2", "i8", NOBODY),
        ("focus_3", "i8", NOBODY),
        ("stage_low", "i8", 0),
        ("stage_high", "i8", 0),
        ("partners", "f8", 0.0),
        ("pace", "f8", 0.0),  # yuan that it would place in new companies this quarter
        ("account", "f8", 0.0),  # yuan of its pace that it has not placed; below zero where it is ahead
        ("reputation", "f8", 0.0, ODDS),  # log odds scale, 0 at entry
        ("funds", "i8", 0),  # number raised
        ("fee_income", "f8", 0.0),  # fees of the last quarter, yuan
        ("last_fund", "i8", NOBODY),  # slot of the last fund that it closed, NOBODY if none
        ("fund", "i8", NOBODY),  # slot of the fund it invests from, NOBODY if none
        ("raising", "i8", NOBODY),  # slot of the fund it raises, NOBODY if none
        ("failed_raises", "i8", 0),
        ("cash", "i8", 0, MONEY),
        (
            "time",
            "f8",
            0.0,
        ),  # that partners have for new companies, in companies; below zero where they have taken on more
        ("deals", "i8", 0),  # new companies this quarter
        ("screened", "i8", 0),  # proposals seen, this quarter
        ("compensated", "i8", 0),  # loss claims paid this year
        ("registered", "f8", 0.0, SHARE),  # rank of its willingness to register with public programmes, 0 to 1
    ]
)

FUND = Schema(
    [
        ("id", "i8", 0),  # gp identity * 64 + number
        ("gp", "i8", 0),
        ("number", "i8", 0),
        ("kind", "i8", 0),  # of its GP
        ("opened", "i8", 0),  # quarter fund-raising began
        ("vintage", "i8", NEVER),  # quarter of closing, NEVER while raising
        ("life", "i8", 0),  # quarters
        ("ended", "i8", NEVER),
        ("target", "i8", 0),
        ("committed", "i8", 0),
        ("called", "i8", 0),
        ("invested", "i8", 0),
        ("reserve", "f8", 0.0, SHARE),  # share kept for follow-ons
        ("new_invested", "i8", 0),  # in companies new to it
        ("cheque", "i8", 0),  # that it plans for a new company, yuan
        ("cash", "i8", 0, MONEY),
        ("distributed", "i8", 0),  # to LPs
        ("carried", "i8", 0),  # carry paid to the GP
        ("fees", "i8", 0),
        ("fee", "f8", 0.0, (0.0, 0.05)),  # a quarter, of commitments
        ("carry", "f8", 0.0, SHARE),
        ("hurdle", "f8", 0.0, SHARE),  # preferred return, a year
        ("preferred", "i8", 0),  # capital plus preferred return still owed to LPs
        ("guidance", "i8", 0),  # commitment of the guidance fund
        ("guidance_called", "i8", 0),
        ("concession", "f8", 0.0),  # share of guidance gains given up to the others
        ("duty", "f8", 0.0),  # local reinvestment duty, multiple of guidance money
        ("private", "i8", 0),  # commitments by kind of LP
        ("corporate", "i8", 0),
        ("foreign", "i8", 0),
        ("state", "i8", 0),
        ("first_commitment", "i8", NOBODY),
        ("nav", "i8", 0),
    ]
)

LP = Schema(
    [
        ("id", "i8", 0),
        ("kind", "i8", 0),
        ("wealth", "f8", 0.0, (0.0, 1e15)),  # outside portfolio, yuan
        ("target", "f8", 0.0, SHARE),  # target allocation, share of wealth
        ("expected", "f8", 0.0, (0.0, 100.0)),  # expected multiple of called money, learned
        ("cash", "i8", 0, MONEY),
        ("unfunded", "i8", 0),
        ("called", "i8", 0),
        ("distributed", "i8", 0),
        ("nav", "i8", 0),
        ("brought", "f8", 0.0),  # yuan that local duties brought from its holdings elsewhere, fading over a fund's life
    ]
)

COMMITMENT = Schema(
    [
        ("lp", "i8", 0),
        ("fund", "i8", 0),
        ("quarter", "i8", 0),
        ("amount", "i8", 0),
        ("called", "i8", 0),
        ("distributed", "i8", 0),
        ("brought", "i8", 0),  # of the amount, what a local duty brought from elsewhere
        ("next", "i8", NOBODY),
    ]
)

CORPORATE = Schema(
    [
        ("id", "i8", 0),
        ("sector", "i8", 0),
        ("pool", "i8", 0),  # 1 for the pool of other incumbents of a sector
        ("foreign", "i8", 0, FLAG),
        ("x", "f8", 0.0),
        ("y", "f8", 0.0),
        ("district", "i8", 0),
        ("full_staff", "f8", 0.0),  # headcount wanted at base wage and demand
        ("headcount", "i8", 0),
        ("target", "i8", 0),
        ("wage_offer", "f8", 0.0, (0.1, 10.0)),  # multiple of the sector wage
        ("openness", "f8", 0.0, SHARE),  # 0 to 1
        ("cash", "i8", 0, MONEY),
        ("due", "i8", 0),
        ("pilots", "i8", 0),  # bought from startups this quarter
        ("acquisition_budget", "i8", 0),
    ]
)

INSTITUTION = Schema(
    [
        ("kind", "i8", 0),
        ("district", "i8", 0),
        ("cell", "i8", 0),
        ("opened", "i8", 0),
        ("graduates", "f8", 0.0, (0.0, 1e5)),  # a year
        ("ideas", "f8", 0.0, (0.0, 1e5)),  # a quarter
        ("transfer", "f8", 1.0, SHARE),  # share of them that it passes on
        ("basic", "f8", 1.0, (0.0, 100.0)),  # stock of basic research, 1 is normal
    ]
)

DISTRICT = Schema(
    [
        ("x", "f8", 0.0),
        ("y", "f8", 0.0),
        ("area", "f8", 0.0),
        ("office_stock", "f8", 0.0),  # m2
        ("park_stock", "f8", 0.0),
        ("home_stock", "f8", 0.0),
        ("office_rent", "f8", 0.0, (0.01, 1e6)),  # yuan per m2 and quarter
        ("home_rent", "f8", 0.0, (0.01, 1e6)),
        ("office_background", "f8", 0.0),  # demand of tenants outside the tech economy at base rent, m2
        ("home_background", "f8", 0.0),
        ("office_pipeline", "f8", 0.0),  # m2 under construction
        ("home_pipeline", "f8", 0.0),
        ("office_conversion", "f8", 0.0),  # m2 of factories and warehouses being converted
        ("home_conversion", "f8", 0.0),
        ("conversion_lag", "f8", 0.0),  # quarters, of the latest conversions begun
        ("amenity", "f8", 0.0, ODDS),
        ("attraction", "f8", 0.0),  # of offices, fixed effect
        ("desks", "i8", 0),  # subsidised desks in use
        ("homes", "i8", 0),
    ]
)

SECTOR = Schema(
    [
        ("capital_need", "f8", 0.0),  # multiple of the common round size
        ("lab_need", "f8", 0.0),  # 0 to 1
        ("regulatory_work", "f8", 0.0),  # quarters of compliance work at entry
        ("time_to_product", "f8", 0.0),  # quarters for an average team
        ("hardware_share", "f8", 0.0),  # probability that a venture makes things
        ("export_controls", "f8", 0.0),  # exposure, 0 to 1
        ("data_crossing", "f8", 0.0),  # share of the foreign market that needs data to cross
        ("tail", "f8", 0.0),  # volatility of traction, multiple of the common one
        ("hard_tech", "f8", 0.0),  # probability of the tag
        ("consumer", "f8", 0.0),  # probability of the consumer-internet tag
        ("business_share", "f8", 0.0),  # sales to firms
        ("export_share", "f8", 0.0),
        ("multiple", "f8", 0.0),  # enterprise value over annual sales
        ("payroll_share", "f8", 0.0),  # of spending
        ("workforce", "f8", 0.0),  # share of the initial workforce
        ("ideas", "f8", 0.0),  # relative arrival of ideas
        ("trend", "f8", 0.0),  # growth of demand a year
        ("base_wage", "f8", 0.0),  # yuan a quarter per unit of labour in 2019
        ("wage", "f8", 0.0),
        ("customers_lost", "f8", 0.0),  # share of incumbents' customers that startups have taken, beyond normal
        ("base_multiple", "f8", 0.0),
        ("trust", "f8", 0.0),  # regulator's trust, scales burden; 0 neutral
        ("tightness", "f8", 1.0),  # vacancies per searcher
        ("odds", "f8", 0.0),  # chance a year of a first round, as seen in the city
        ("prize", "f8", 0.0),  # log yuan, typical value of a success, as seen in the city
        ("claims", "f8", 0.0),  # share of failures that leave claims on the founder, as seen in the city
        ("debt_years", "f8", 0.0),  # of those, debt in yearly wages before any is forgiven, as seen in the city
    ]
)

RIVAL = Schema(
    [
        ("kind", "i8", 0),
        ("wage", "f8", 0.0, (0.1, 10.0)),  # relative to the city's base wage
        ("home_rent", "f8", 0.0, (0.01, 1e6)),  # yuan per m2 and quarter
        ("office_rent", "f8", 0.0, (0.01, 1e6)),
        ("vc_odds", "f8", 0.0, (0.01, 100.0)),  # relative to the city's base
        ("amenity", "f8", 0.0, ODDS),
        ("generosity", "f8", 0.0, ODDS),
        ("reaction", "f8", 0.0, (0.0, 10.0)),
        ("budget", "f8", 0.0),
        ("young", "f8", 1.0, (0.0, 100.0)),  # young firms there, 1 is normal
        ("vc_2019", "f8", 0.0),  # venture capital raised there in 2019, yuan
        ("raised", "f8", 0.0),  # this quarter, yuan
    ]
)

APPLICATION = Schema(
    [
        ("policy", "i8", 0),
        ("quarter", "i8", 0),
        ("startup", "i8", 0),
        ("applicant_id", "i8", 0),
        ("decided", "i8", NEVER),  # quarter of the answer, and of what is granted
        ("answer", "i8", 0),
        ("again", "i8", 0),  # 1 where the applicant has applied before
        ("score", "f8", 0.0),
        ("cutoff", "f8", 0.0),
        ("places", "i8", 0),  # of the competition
        ("worst_admitted", "f8", 0.0),  # score
        ("best_refused", "f8", 0.0),  # score
        ("admitted", "i8", 0),
        ("amount", "i8", 0),
        ("age", "i8", 0),  # of the startup when it applied, as all that follows, quarters
        ("stage", "i8", 0),
        ("rounds", "i8", 0),
        ("progress", "f8", 0.0),
        ("headcount", "i8", 0),
        ("cash", "i8", 0),
        ("revenue", "i8", 0),
        ("district", "i8", 0),
        ("sector", "i8", 0),
    ]
)

EXIT = Schema(
    [
        ("startup", "i8", 0),
        ("startup_id", "i8", 0),
        ("quarter", "i8", 0),
        ("life", "i8", 0),
        ("value", "i8", 0),
        ("buyer", "i8", NOBODY),  # corporate slot of an acquirer
        ("to_investors", "i8", 0),
        ("to_founders", "i8", 0),
        ("to_employees", "i8", 0),
        ("raised", "i8", 0),
        ("board", "i8", 0),  # of a listing: 0 the national one, 1 the new venue
        ("later", "i8", 0),  # value of a listed firm three years on, by the law of sales
    ]
)

PURSE = Schema(
    [
        ("cash", "i8", 0),
        ("appropriated", "i8", 0),
        ("spent", "i8", 0),
        ("recovered", "i8", 0),
        ("administration", "i8", 0),
        ("take_up", "i8", 0),
        ("asked", "f8", 0.0),  # applications answered so far, faded
        ("admitted", "f8", 0.0),  # of them, admissions
    ]
)

TALLY = Schema(
    [  # what happened in the quarter and stands in no table
        ("returnees_china", "i8", 0),  # of the overseas pool, returned to any place in China
        ("returnees", "i8", 0),  # of them, came here
        ("stem_returnees_china", "i8", 0),  # of them, graduates of science and engineering
        ("stem_returnees", "i8", 0),
        ("foreign", "i8", 0),
        ("domestic", "i8", 0),
        ("graduates", "i8", 0),  # stayed in the city's tech workforce
        ("leavers", "i8", 0),
        ("considered", "i8", 0),  # persons who weighed founding
        ("founders_elsewhere", "i8", 0),  # of them, who founded in another city
        ("separations", "i8", 0),
        ("hires", "i8", 0),
        ("turned", "i8", 0),  # of them, into another field
        ("vacancies", "i8", 0),
        ("incidents", "i8", 0),
        ("redemptions", "i8", 0),  # startups whose investors asked their money back
        ("partners_lost", "i8", 0),  # startups that lost the corporate that bought their pilots
        ("construction", "i8", 0),  # m2 finished
    ]
)

CASH = Schema(
    [
        ("landlords", "i8", 0),
        ("treasury", "i8", 0),
        ("patient", "i8", 0),
        ("guidance", "i8", 0),
        ("world", "i8", 0),
        ("debt", "i8", 0),
    ]
)
