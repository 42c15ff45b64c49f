<?xml version="1.0" encoding="UTF-8"?>
<!-- The posture at a glance. Charts are inline SVG with the same numbers as a table beside them; colours come from the style sheet. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="posture">
<section aria-labelledby="posture-heading" id="settings-security-posture">
<h2 id="posture-heading">At a glance</h2>
<xsl:apply-templates select="error" mode="section"/>
<ul class="glance">
<xsl:apply-templates select="@active | @overdue | @soon | @expired | @revoked | @failed | @blocked" mode="glance"/>
<xsl:apply-templates select="checkpoint"/>
</ul>
<xsl:if test="not(error)">
<div class="charts"><xsl:apply-templates select="ages"/><xsl:apply-templates select="activity"/></div>
</xsl:if>
</section>
</xsl:template>

<!-- What wants doing is marked; 0 of it is good. -->
<xsl:template match="posture/@*" mode="glance">
<li id="settings-security-posture-{name()}" class="glance-{name()} some-{. &gt; 0}"><!-- Which days, in words. -->
<xsl:apply-templates select="." mode="days"/>
<a><xsl:attribute name="href"><xsl:apply-templates select="." mode="where"/></xsl:attribute><strong><xsl:value-of select="."/></strong><xsl:text> </xsl:text><span><xsl:apply-templates select="." mode="what"/></span></a>
</li>
</xsl:template>
<xsl:template match="posture/@*" mode="where">/settings/security?status=<xsl:value-of select="name()"/>#secrets-heading</xsl:template>
<xsl:template match="posture/@failed | posture/@blocked" mode="where">/settings/security/audit?outcome=<xsl:value-of select="name()"/>&amp;from=<xsl:value-of select="../@week-from"/></xsl:template>
<xsl:template match="posture/@*" mode="days"/>
<xsl:template match="posture/@failed | posture/@blocked" mode="days"><xsl:attribute name="title">Since <xsl:value-of select="../@week-from-text"/></xsl:attribute></xsl:template>
<xsl:template match="@active" mode="what">active secrets</xsl:template>
<xsl:template match="@overdue" mode="what">overdue: not rotated for <xsl:value-of select="../@rotation-days"/> days</xsl:template>
<xsl:template match="@soon" mode="what">expire within <xsl:value-of select="../@warning-days"/> days</xsl:template>
<xsl:template match="@expired" mode="what">expired</xsl:template>
<xsl:template match="@revoked" mode="what">revoked</xsl:template>
<xsl:template match="@failed" mode="what">failed actions in 7 days</xsl:template>
<xsl:template match="@blocked" mode="what">blocked actions in 7 days</xsl:template>

<xsl:template match="checkpoint">
<li id="settings-security-posture-checkpoint" class="glance-checkpoint some-true"><a href="/settings/security/audit"><strong>none</strong><xsl:text> </xsl:text><span>no audit checkpoint yet</span></a></li>
</xsl:template>
<xsl:template match="checkpoint[error]" priority="2">
<li id="settings-security-posture-checkpoint" class="glance-checkpoint some-true"><a href="/errors/{error/@type}"><strong>unknown</strong><xsl:text> </xsl:text><span>the last audit checkpoint could not be read</span></a></li>
</xsl:template>
<xsl:template match="checkpoint[@size]">
<li id="settings-security-posture-checkpoint" class="glance-checkpoint verifies-{@verifies}">
<a href="/settings/security/audit"><strong><xsl:apply-templates select="@verifies" mode="checkpoint"/></strong><xsl:text> </xsl:text>
<span>signature of the last audit checkpoint: <xsl:value-of select="@size"/> rows, <xsl:apply-templates select="@minutes" mode="ago"/> (<time datetime="{@made-at}"><xsl:value-of select="@made-at-text"/></time>)</span></a></li>
</xsl:template>
<xsl:template match="@verifies[.='yes']" mode="checkpoint">Good</xsl:template>
<xsl:template match="@verifies" mode="checkpoint">Bad</xsl:template>
<xsl:template match="@minutes" mode="ago"><xsl:value-of select="floor(. div 1440)"/> days old</xsl:template>
<xsl:template match="@minutes[. &lt; 2880]" mode="ago"><xsl:value-of select="floor(. div 60)"/> hours old</xsl:template>
<xsl:template match="@minutes[. &lt; 120]" mode="ago" priority="1"><xsl:value-of select="."/> minutes old</xsl:template>
<xsl:template match="@minutes[. &lt; 1]" mode="ago" priority="2">less than a minute old</xsl:template>

<xsl:template match="ages">
<figure class="panel">
<figcaption id="ages-caption">Days since the last rotation</figcaption>
<svg class="chart" viewBox="0 0 480 190" role="img" aria-labelledby="ages-title ages-desc" id="settings-security-posture-ages">
<title id="ages-title">Active secrets by days since their last rotation</title>
<desc id="ages-desc"><xsl:apply-templates select="age" mode="words"/></desc>
<line class="axis" x1="0" y1="150" x2="480" y2="150"/>
<xsl:apply-templates select="age" mode="bar"/>
</svg>
<details><summary>As a table</summary>
<table><thead><tr><th scope="col">Days</th><th scope="col">Active secrets</th></tr></thead>
<tbody><xsl:apply-templates select="age" mode="row"/></tbody></table>
</details>
</figure>
</xsl:template>

<xsl:template match="age" mode="days"><xsl:value-of select="@from"/>–<xsl:value-of select="@to"/></xsl:template>
<xsl:template match="age[not(@to)]" mode="days"><xsl:value-of select="@from"/>+</xsl:template>
<xsl:template match="age" mode="words"><xsl:apply-templates select="." mode="days"/> days: <xsl:value-of select="@count"/>. </xsl:template>
<xsl:template match="age" mode="row"><tr><th scope="row"><xsl:apply-templates select="." mode="days"/></th><td><xsl:value-of select="@count"/></td></tr></xsl:template>
<xsl:template match="age" mode="bar">
<xsl:variable name="x" select="(position() - 1) * 80"/>
<xsl:variable name="high" select="@share * 0.12"/>
<rect x="{$x + 14}" y="{150 - $high}" width="52" height="{$high}"><xsl:attribute name="class">bar-fill<xsl:if test="number(@from) &gt;= number(../../@rotation-days)"> late</xsl:if></xsl:attribute></rect>
<text class="count" text-anchor="middle" x="{$x + 40}" y="{144 - $high}"><xsl:value-of select="@count"/></text>
<text text-anchor="middle" x="{$x + 40}" y="174"><xsl:apply-templates select="." mode="days"/></text>
</xsl:template>

<xsl:template match="activity">
<figure class="panel">
<figcaption>Audited actions a day, for 30 days</figcaption>
<svg class="chart" viewBox="0 0 480 190" role="img" aria-labelledby="activity-title activity-desc" id="settings-security-posture-activity">
<title id="activity-title">Audited actions a day, by outcome</title>
<desc id="activity-desc">In 30 days <xsl:value-of select="sum(day/@succeeded)"/> succeeded, <xsl:value-of select="sum(day/@failed)"/> failed and <xsl:value-of select="sum(day/@blocked)"/> were blocked; at most <xsl:value-of select="@most"/> on one day.</desc>
<line class="axis" x1="0" y1="150" x2="480" y2="150"/>
<xsl:apply-templates select="day" mode="bar"/>
<text x="2" y="22"><xsl:value-of select="@most"/> at most</text>
<text x="2" y="174"><xsl:value-of select="substring(day[1]/@at, 6, 5)"/></text>
<text text-anchor="middle" x="240" y="174"><xsl:value-of select="substring(day[15]/@at, 6, 5)"/></text>
<text text-anchor="end" x="478" y="174">today</text>
</svg>
<p class="legend"><span class="key succeeded"/>succeeded <span class="key failed"/>failed <span class="key blocked"/>blocked</p>
<details><summary>As a table</summary>
<table><thead><tr><th scope="col">Day</th><th scope="col">Succeeded</th><th scope="col">Failed</th><th scope="col">Blocked</th></tr></thead>
<tbody><xsl:apply-templates select="day" mode="row"/></tbody></table>
</details>
</figure>
</xsl:template>

<xsl:template match="day" mode="row"><tr><th scope="row"><time datetime="{substring(@at, 1, 10)}"><xsl:value-of select="substring(@at, 1, 10)"/></time></th><td><xsl:value-of select="@succeeded"/></td><td><xsl:value-of select="@failed"/></td><td><xsl:value-of select="@blocked"/></td></tr></xsl:template>
<xsl:template match="day" mode="bar">
<xsl:variable name="x" select="(position() - 1) * 16 + 2"/>
<xsl:variable name="s" select="@succeeded-share * 0.12"/>
<xsl:variable name="f" select="@failed-share * 0.12"/>
<xsl:variable name="b" select="@blocked-share * 0.12"/>
<xsl:if test="$s &gt; 0"><rect class="bar-fill succeeded" x="{$x}" y="{150 - $s}" width="12" height="{$s}"/></xsl:if>
<xsl:if test="$f &gt; 0"><rect class="bar-fill failed" x="{$x}" y="{150 - $s - $f}" width="12" height="{$f}"/></xsl:if>
<xsl:if test="$b &gt; 0"><rect class="bar-fill blocked" x="{$x}" y="{150 - $s - $f - $b}" width="12" height="{$b}"/></xsl:if>
</xsl:template>
</xsl:stylesheet>
