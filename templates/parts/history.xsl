<?xml version="1.0" encoding="UTF-8"?>
<!-- Audit rows: who did what to which target, when, with what outcome. A page that imports this says what it calls them and where the next page is. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="history">
<section aria-labelledby="history-heading" id="settings-security-secret-audit-log">
<h2 id="history-heading"><xsl:apply-templates select="." mode="heading"/></h2>
<xsl:apply-templates select="error" mode="section"/>
<xsl:apply-templates select="." mode="rows"/>
<xsl:if test="@first='no' or @next">
<nav class="pager" aria-label="Pages of the history"><xsl:apply-templates select="." mode="pager"/></nav>
</xsl:if>
</section>
</xsl:template>

<xsl:template match="history" mode="heading">History</xsl:template>
<xsl:template match="history" mode="empty">Nothing has happened to secrets yet.</xsl:template>
<xsl:template match="history" mode="pager"/>

<xsl:template match="history[error]" mode="rows"/>
<xsl:template match="history" mode="rows"><p class="empty"><xsl:apply-templates select="." mode="empty"/></p></xsl:template>
<xsl:template match="history[event]" mode="rows" priority="2">
<div class="table-frame">
<table class="stacked">
<thead><tr><th scope="col">When</th><th scope="col">Action</th><th scope="col">Target</th><th scope="col">Key version</th><th scope="col">Result</th><th scope="col">Actor</th></tr></thead>
<tbody><xsl:apply-templates select="event"/></tbody>
</table>
</div>
</xsl:template>

<xsl:template match="event">
<tr id="audit-event-{@id}">
<td data-label="When"><time datetime="{@at}"><xsl:value-of select="@at-text"/></time></td>
<td data-label="Action"><strong><xsl:value-of select="@action"/></strong></td>
<td data-label="Target" class="long"><xsl:apply-templates select="." mode="subject"/></td>
<td data-label="Key version"><xsl:apply-templates select="." mode="version"/></td>
<td data-label="Result"><code class="outcome {@outcome}">outcome=<xsl:value-of select="@outcome"/></code><xsl:apply-templates select="@error-type"/></td>
<td data-label="Actor"><span class="long"><xsl:value-of select="@actor"/></span><xsl:text> </xsl:text><span class="fine"><xsl:value-of select="translate(@actor-kind, '_', ' ')"/></span></td>
</tr>
</xsl:template>

<xsl:template match="event" mode="version"><span class="fine">–</span></xsl:template>
<xsl:template match="event[@key-version]" mode="version"><xsl:value-of select="@key-version"/></xsl:template>
<xsl:template match="event" mode="subject"><span class="fine">–</span></xsl:template>
<xsl:template match="event[@target-kind]" mode="subject"><span class="fine"><xsl:value-of select="translate(@target-kind, '_', ' ')"/></span></xsl:template>
<xsl:template match="event[@target-name]" mode="subject" priority="1"><xsl:apply-templates select="." mode="name"/></xsl:template>
<xsl:template match="event[@target-name and @target and @target-kind='secret']" mode="subject" priority="2"><a href="/settings/security/secrets/{@target}"><xsl:apply-templates select="." mode="name"/></a></xsl:template>
<xsl:template match="event" mode="name"><xsl:value-of select="@target-name"/></xsl:template>
<xsl:template match="event[@scope]" mode="name"><xsl:value-of select="@scope"/>/<xsl:value-of select="@target-name"/></xsl:template>

<xsl:template match="event/@error-type"><xsl:text> </xsl:text><a class="fine" href="/errors/{.}"><xsl:value-of select="."/></a></xsl:template>
</xsl:stylesheet>
